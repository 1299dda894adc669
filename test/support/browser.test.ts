import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, launchBrowser } from "./browser.ts";

/** Exports `add(i32, i32)`; written out byte by byte, so that the page needs nothing but this text. */
const addModule = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, 0x03,
  0x02, 0x01, 0x00, 0x07, 0x07, 0x01, 0x03, 0x61, 0x64, 0x64, 0x00, 0x00, 0x0a, 0x09, 0x01, 0x07, 0x00, 0x20,
  0x00, 0x20, 0x01, 0x6a, 0x0b,
];

const page = `<!doctype html><meta charset="utf-8"><title>page</title><output></output><script type="module">
const bytes = new Uint8Array(await (await fetch("/add.wasm")).arrayBuffer());
const { instance } = await WebAssembly.instantiate(bytes);
document.querySelector("output").textContent = String(instance.exports.add(40, 2));
</script>`;

describe.skipIf(!hasChromium())("a real browser", () => {
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/add.wasm") response.end(Buffer.from(addModule));
      else response.setHeader("content-type", "text/html").end(page);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    server.close();
  });

  test("opens a page on loopback and runs WebAssembly in it", async () => {
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const output = tab.locator("output:not(:empty)");
    await expect(output.textContent()).resolves.toBe("42");
  });
});
