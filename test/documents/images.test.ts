import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { call } from "../cli/support/call.ts";
import { moduleFolder } from "../smartmodules/built.ts";
import { launchBrowser } from "../support/browser.ts";

const images = join(import.meta.dirname, "../../docs/images");
const kilobytesMax = 150;

test("pictures of documents are small", () => {
  const names = existsSync(images) ? readdirSync(images) : [];
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(statSync(join(images, name)).size, name).toBeLessThan(kilobytesMax * 1024);
});

// `npm run build:images` takes them anew, with figures of the machine that it runs on. To anybody else this is no test.
if (process.env.MILLRACE_IMAGES !== undefined) {
  test("pictures are taken of what bench writes", { timeout: 300_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-images-"));
    const browser = await launchBrowser();
    try {
      const filter = join(moduleFolder("json-filter"), "json-filter.wasm");
      const settings = ["-e", "field=level", "-e", "operator===", "-e", "value=error"];
      const files = ["--report", join(folder, "report.html"), "--profile", join(folder, "flame.cpuprofile")];
      const setup = [
        "--compare",
        "--fuel",
        "on",
        "--fuel",
        "off",
        "--batch-size",
        "1,10,100,1000",
        "--duration",
        "500ms",
      ];
      expect((await call(["bench", filter, ...settings, ...setup, ...files])).code).toBe(0);
      await mkdir(images, { recursive: true });
      for (const [name, height] of [
        ["report", 1180],
        ["flame", 640],
      ] as const) {
        for (const colorScheme of ["light", "dark"] as const) {
          const page = await browser.newPage({ viewport: { width: 1000, height }, colorScheme });
          await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
          await page.screenshot({ path: join(images, `bench-${name}-${colorScheme}.png`) });
          await page.close();
        }
      }
    } finally {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
}
