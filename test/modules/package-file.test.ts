import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatWhere, MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { packageBeside, readPackage } from "../../src/modules/index.ts";
import { folderWith } from "../cli/support/millrace.ts";

const head = '[package]\nname = "regex-filter"\ngroup = "infinyon"\nversion = "0.1"\napiVersion = "0.1.0"\n';

async function problemOf(content: string | Uint8Array): Promise<string> {
  const file = join(await folderWith({ "SmartModule.toml": content }), "SmartModule.toml");
  const error = await readPackage(file).catch((thrown: unknown) => thrown);
  if (!MillraceError.is(error) || error.code !== "module.package") throw error;
  return `${formatWhere(error.where ?? { file }).split("SmartModule.toml")[1]} ${error.message.replace("the description of the module is wrong: ", "")}`;
}

describe("a SmartModule.toml", () => {
  test("says what a module is called and which parameters it takes", async () => {
    const content = `${head}description = "keeps what matches"\nlicense = "MIT"\nvisibility = "public"\n
[[params]]\nname = "regex"\ndescription = "what to look for"\n\n[[params]]\nname = "flags"\noptional = true\n`;
    const file = join(await folderWith({ "a.toml": content }), "a.toml");
    expect(await readPackage(file)).toEqual({
      name: { group: "infinyon", name: "regex-filter", version: "0.1.0" },
      description: "keeps what matches",
      license: "MIT",
      parameters: [
        { name: "regex", description: "what to look for", required: true },
        { name: "flags", description: null, required: false },
      ],
    });
  });

  test.each([
    [
      "a table of tables",
      '[params.regex]\noptional = false\n[params.flags]\ndescription = "x"\noptional = true\n',
    ],
    [
      "the table of 2022",
      '[init]\nregex = { input = "string" }\nflags = { optional = true, description = "x" }\n',
    ],
  ])("may have them as %s", async (_name, params) => {
    const file = join(await folderWith({ "a.toml": head + params }), "a.toml");
    expect((await readPackage(file)).parameters).toEqual([
      { name: "regex", description: null, required: true },
      { name: "flags", description: "x", required: false },
    ]);
  });

  test.each<readonly [string, string | Uint8Array, RegExp]>([
    ["is not TOML", `${head}x = \n`, /^:6:\d+ \S/],
    ["has no package", "a = 1\n", /^ it has no table \[package\]/],
    ["has no version", '[package]\nname = "a"\ngroup = "b"\n', /^ package\.version: expected a text/],
    [
      "has a number for a name",
      '[package]\nname = 1\ngroup = "b"\nversion = "1"\n',
      /^ package\.name: expected a text/,
    ],
    ["has a version that is none", head.replace('"0.1"', '"new"'), /"new" is no version/],
    ["has a name that leads out", head.replace("regex-filter", "../x"), /cannot be the name/],
    ["has a parameter without a name", `${head}[[params]]\noptional = true\n`, /each needs a name/],
    [
      "has a parameter twice",
      `${head}[[params]]\nname = "a"\n[[params]]\nname = "a"\n`,
      /"a" is declared twice/,
    ],
    ["is no text", new Uint8Array([0xff, 0xfe]), /not UTF-8/],
    ["is too large", "#".repeat(limits.configBytesMax.default + 1), /larger than 1048576 bytes/],
  ])("that %s is refused", async (_name, content, problem) => {
    expect(await problemOf(content)).toMatch(problem);
  });

  test("may be as large as the limit", async () => {
    const padded = head + "#".repeat(limits.configBytesMax.default - head.length);
    const file = join(await folderWith({ "a.toml": padded }), "a.toml");
    expect((await readPackage(file)).parameters).toEqual([]);
  });

  test("beside several modules is about the one that is called like it", async () => {
    const folder = await folderWith({ "SmartModule.toml": head, "regex_filter.wasm": "", "other.wasm": "" });
    expect((await packageBeside(join(folder, "regex_filter.wasm")))?.name.name).toBe("regex-filter");
    expect(await packageBeside(join(folder, "other.wasm"))).toBeUndefined();
    const alone = await folderWith({ "SmartModule.toml": head, "other.wasm": "" });
    expect((await packageBeside(join(alone, "other.wasm")))?.name.name).toBe("regex-filter");
    expect(await packageBeside(join(alone, "none/other.wasm"))).toBeUndefined();
  });
});
