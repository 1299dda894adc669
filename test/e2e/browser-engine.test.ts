import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referenceMap } from "../engine/reference-guests.ts";
import { hasChromium, launchBrowser } from "../support/browser.ts";
import { guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

const project = join(import.meta.dirname, "../..");
const entry = join(project, "dist/index.js");
const filterPath = join(project, "smartmodules/assemblyscript/json-filter/json-filter.wasm");

/** What both run: modules of both kinds over records of every kind, and a refusal. Gives `result` as text. */
function program(library: string, origin: string): string {
  return `
    import { Batch, frameOf, loadModule, MillraceError, openChain, openFrame } from ${JSON.stringify(library)};
    const load = async (name) =>
      loadModule(new Uint8Array(await (await fetch(${JSON.stringify(origin)} + name)).arrayBuffer()), name);
    const map = await load("/map.wasm");
    const filter = await load("/filter.wasm");
    const chain = await openChain([
      { module: map },
      { module: filter, parameters: { field: "n", operator: ">=", value: "400" } },
    ]);
    const headers = [{ name: "h", value: Uint8Array.of(0, 255) }];
    const records = Array.from({ length: 1000 }, (_, n) => ({
      value: ["", "p", "b", "t", "h", "x", "!"][n % 7] + JSON.stringify({ n, text: "é🌊".repeat(n % 40) }),
      key: n % 3 === 0 ? undefined : Uint8Array.of(n, 255),
      timestamp: n % 5 === 0 ? undefined : n * 2 ** 40,
      headers: n % 11 === 0 ? headers : [],
    }));
    const batch = Batch.of(openFrame(frameOf(records, { offset: 7, timestamp: -1000 }).bytes));
    chain.process(batch);
    const refusal = await loadModule(Uint8Array.of(1, 2, 3), "nonsense.wasm").catch((error) => error);
    const result = JSON.stringify({
      sha256: [await map.sha256(), await filter.sha256()],
      counts: chain.transforms.map((transform) => transform.counts),
      failures: batch.failures,
      records: Array.from(batch, (record) => ({
        value: Array.from(record.value).join(),
        key: record.key === undefined ? null : Array.from(record.key).join(),
        timestamp: record.timestamp,
        offset: record.offset,
        headers: record.headers.map((header) => [header.name, Array.from(header.value).join()]),
      })),
      refusal: MillraceError.is(refusal) ? refusal.toJSON() : String(refusal),
    });
  `;
}

interface Result {
  readonly counts: readonly {
    readonly records: number;
    readonly replaced: number;
    readonly dropped: number;
  }[];
  readonly records: readonly unknown[];
  readonly refusal: unknown;
}

describe.skipIf(!hasChromium())("the engine in a browser", () => {
  let browser: Browser;
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    expect(existsSync(entry), "`npm run build` makes dist, which this loads").toBe(true);
    const map = await compileWat(guestWat(referenceMap()));
    const filter = await readFile(filterPath);
    server = createServer(async (request, response) => {
      const path = request.url ?? "/";
      if (path === "/") response.setHeader("content-type", "text/html").end(page());
      else if (path === "/map.wasm") response.end(map);
      else if (path === "/filter.wasm") response.end(filter);
      else if (/^\/dist\/[\w/-]+\.js$/.test(path)) {
        const text = await readFile(join(project, path)).catch(() => undefined);
        if (text === undefined) response.statusCode = 404;
        response.setHeader("content-type", "text/javascript").end(text);
      } else {
        response.statusCode = 404;
        response.end();
      }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  function page(): string {
    return `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>engine</title><pre></pre>
      <script type="module">${program("/dist/index.js", "")}
      document.querySelector("pre").textContent = result;</script>`;
  }

  test("makes of records what it makes of them in Node", async () => {
    const tab = await browser.newPage();
    const problems: string[] = [];
    tab.on("pageerror", (error) => problems.push(String(error)));
    tab.on("console", (message) => problems.push(message.text()));
    tab.on("requestfailed", (request) => problems.push(`${request.url()} failed`));
    tab.on("response", (response) => {
      if (!response.ok()) problems.push(`${response.url()} gave ${response.status()}`);
    });
    await tab.goto(origin, { waitUntil: "load" });
    // Module scripts have run, down to their last await, or have failed.
    const filled = tab.locator("pre:not(:empty)").waitFor({ state: "attached", timeout: 20_000 });
    await filled.catch(() => undefined);
    expect(problems).toEqual([]);
    const inPage = JSON.parse((await tab.locator("pre").textContent()) ?? "") as Result;

    const script = `${program(pathToFileURL(entry).href, origin)}\nprocess.stdout.write(result);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", script],
      {
        maxBuffer: 16 * 1024 * 1024,
      },
    );
    const inNode = JSON.parse(stdout) as Result;

    expect(inPage).toEqual(inNode);
    expect(inPage.refusal).toMatchObject({ code: "module.not-wasm" });
    expect(inPage.records.length).toBeGreaterThan(100);
    expect(inPage.counts[0]).toMatchObject({ records: 1000 });
    expect(inPage.counts[0]?.replaced).toBeGreaterThan(500);
    expect(inPage.counts[1]?.dropped).toBeGreaterThan(100);
  });
});
