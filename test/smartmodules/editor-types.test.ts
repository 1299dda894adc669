import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

// What an editor shows to authors is what TypeScript says with the settings that they are told to extend.
test.each(["smartmodules/assemblyscript", "test/fixtures/probe"])(
  "an editor finds nothing wrong in %s",
  async (folder) => {
    const checked = promisify(execFile)(process.execPath, [tsc, "-p", join(root, folder, "tsconfig.json")]);
    await expect(checked.catch((error: { stdout: string }) => error)).resolves.toMatchObject({ stdout: "" });
  },
);
