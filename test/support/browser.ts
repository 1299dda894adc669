import { type Browser, chromium } from "playwright-core";
import { findChromium } from "./chromium.ts";

export { hasChromium } from "./chromium.ts";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/**
 * Starts a headless browser that talks to nobody on its own. The caller closes it.
 * Throws where the machine has none; a test file skips itself with `describe.skipIf(!hasChromium())`.
 */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, environment } = await findChromium();
  return chromium.launch({ executablePath, args: flags, env: { ...process.env, ...environment } });
}
