import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { reportPage } from "../../src/devkit/index.ts";
import { call } from "../cli/support/call.ts";
import { folderWith } from "../cli/support/millrace.ts";
import { sampleMeasurement } from "../devkit/bench/sample-measurement.ts";
import { moduleFolder } from "../smartmodules/built.ts";
import { hasChromium, launchBrowser } from "../support/browser.ts";

const filter = join(moduleFolder("json-filter"), "json-filter.wasm");
/** A function of the module, as its section `name` has it. */
const kernel = "index/filter";
const words = ["-e", "field=level", "-e", "operator===", "-e", "value=error", "--batch-size", "1,100"];

describe.skipIf(!hasChromium())("the pages of bench", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** A page with nothing wrong about it, which asks nobody for anything. */
  async function opened(file: string, problems: string[]): Promise<Page> {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => problems.push(message.text()));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(`asks for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
    return page;
  }

  test("a report of a call draws its charts, and a flame graph its functions", {
    timeout: 120_000,
  }, async () => {
    const folder = await folderWith();
    const [report, profile] = [join(folder, "out.html"), join(folder, "p.cpuprofile")];
    const short = ["--rounds", "6", "--duration", "60ms"];
    const { code, stderr } = await call([
      "bench",
      filter,
      ...words,
      ...short,
      "--report",
      report,
      "--profile",
      profile,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });

    const problems: string[] = [];
    const page = await opened(report, problems);
    expect(await page.locator("figure > svg").count()).toBe(4);
    expect(await page.locator("circle.mark").count()).toBeGreaterThan(30);
    for (const svg of await page.locator("figure > svg").all()) {
      expect(await svg.getAttribute("role")).toBe("img");
      const box = await svg.boundingBox();
      expect(box?.height).toBeGreaterThan(100);
    }

    const flame = await opened(join(folder, "p.html"), problems);
    // Frames of the module, by the names that its section has for them.
    const names = await flame.locator("svg.frame text").allTextContents();
    expect(names).toContain(kernel);
    expect(names).toContain("process");
    const first = flame.locator("svg.frame").first();
    const inner = flame.locator("svg.frame", { hasText: kernel }).first();
    const [whole, part] = [await first.boundingBox(), await inner.boundingBox()];
    expect(part?.width).toBeLessThan(whole?.width ?? 0);
    await inner.click();
    // As wide as the first one, but for the frame of what has the focus.
    const widthAfter = async (): Promise<number> => (await inner.boundingBox())?.width ?? 0;
    expect(Math.abs((await widthAfter()) - (whole?.width ?? 0))).toBeLessThan(5);
    await flame.keyboard.press("Escape");
    expect(Math.abs((await widthAfter()) - (part?.width ?? 0))).toBeLessThan(5);
    expect(problems).toEqual([]);

    const { nodes, samples } = JSON.parse(await readFile(profile, "utf8"));
    expect(samples.length).toBeGreaterThan(100);
    const functions = nodes.map(
      ({ callFrame }: { callFrame: { functionName: string } }) => callFrame.functionName,
    );
    expect(functions).toContain(kernel);
  });

  test("names of modules are shown and not obeyed, in light and in dark", async () => {
    const bad = '<script>document.title="obeyed"</script>"&\u0007.wasm';
    const folder = await folderWith({ "r.html": reportPage(sampleMeasurement([bad, "b.wasm"])) });
    const problems: string[] = [];
    const page = await opened(join(folder, "r.html"), problems);
    expect(await page.title()).not.toBe("obeyed");
    expect(await page.locator("h1").textContent()).toContain(
      '<script>document.title="obeyed"</script>"&\\x7.wasm',
    );
    expect(await page.locator("table", { hasText: "slower" }).count()).toBe(1);
    const colours: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      colours.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    expect(new Set(colours).size).toBe(2);
    expect(problems).toEqual([]);
  });
});
