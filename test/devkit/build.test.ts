import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildModule } from "../../src/devkit/index.ts";
import { MillraceError } from "../../src/errors.ts";
import { loadModule, openChain } from "../../src/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { buildMs } from "../smartmodules/built.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-build-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sdk = `import { JsonPath, Parameters, Record } from "millrace/assemblyscript";\n`;
const filter = "export function filter(record: Record): bool { return record.value.length > 1; }\n";

async function sourceOf(text: string): Promise<string> {
  const file = join(folder, "index.ts");
  await writeFile(file, text);
  return file;
}

/** Builds a source that does not build. */
async function failureOf(text: string): Promise<MillraceError> {
  const source = await sourceOf(text);
  const error = await buildModule({ source }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MillraceError);
  return error as MillraceError;
}

test(
  "builds a module that the engine runs, from a folder of its own with files of its own",
  async () => {
    await writeFile(join(folder, "limit.ts"), "export const limit: f64 = 4;\n");
    // Settings for other builds must not reach this one.
    await writeFile(join(folder, "asconfig.json"), '{"options":{"importMemory":true}}');
    await mkdir(join(folder, "assembly"));
    const output = join(folder, "big.wasm");
    const source = join(folder, "assembly");
    await writeFile(
      join(source, "index.ts"),
      `${sdk}import { limit } from "../limit";
let path: JsonPath = new JsonPath("$");
export function init(parameters: Parameters): void { path = new JsonPath(parameters.required("field")); }
export function filter(record: Record): bool {
  const field = record.json(path);
  if (field.isString) record.setValue("changed");
  return field.number >= limit;
}
`,
    );
    const built = await buildModule({ source, output });
    expect(built).toMatchObject({ kind: "filter", warnings: [] });
    expect(Buffer.compare(await readFile(output), built.wasm)).toBe(0);

    const module = await loadModule(built.wasm, "big");
    expect(await module.sha256()).toBe(built.sha256);
    const chain = await openChain([{ module, parameters: { field: "mag" } }]);
    const batch = Batch.of(frameOf(['{"mag":3.9}', '{"mag":4}', '{"mag":"5"}', "{", '{"mag":1e2}']));
    chain.process(batch);
    expect(batch.count).toBe(2);
    expect(batch.failures.map(({ message }) => message)).toStrictEqual([
      "a filter cannot change records; export a map for that",
      "invalid JSON at byte 1: it ends before it is complete",
    ]);
  },
  buildMs,
);

describe("sources that do not build", () => {
  test("no transform", async () => {
    const error = await failureOf(`${sdk}export function filters(record: Record): bool { return true; }`);
    expect(error).toMatchObject({ code: "module.source", message: "the source exports no transform" });
    expect(error.hint).toContain("export function filter(record: Record): bool");
  });

  test("two transforms", async () => {
    const error = await failureOf(`${sdk}${filter}export function map(record: Record): void {}`);
    expect(error.message).toBe("the source exports both filter and map");
    expect(error.where).toMatchObject({ line: 3 });
  });

  test.each([
    ["export function filter(record: Record): void {}", "filter", 2],
    ["export function filter(): bool { return true; }", "filter", 2],
    ["export function map(record: Record): bool { return true; }", "map", 2],
    ["\nexport function map(record: Record, more: i32): void {}", "map", 3],
    [`${filter}export function init(): void {}`, "init", 3],
  ])("a declaration that is not as wanted: %s", async (text, name, line) => {
    const error = await failureOf(`${sdk}${text}`);
    expect(error.message).toBe(`${name} is declared in another way than the build needs it`);
    expect(error.where).toMatchObject({ line, column: 1 });
  });

  test(
    "an error of the compiler says where",
    async () => {
      const error = await failureOf(
        `${sdk}export function filter(record: Record): bool {\n  return record.valu.length > 1;\n}\n`,
      );
      expect(error.code).toBe("module.source");
      expect(error.message).toContain("Property 'valu' does not exist");
      expect(error.where).toStrictEqual({
        file: relative("", join(folder, "index.ts")),
        line: 3,
        column: 17,
      });
    },
    buildMs,
  );

  test(
    "a wrong type of parameter is one of the compiler",
    async () => {
      const error = await failureOf("export function filter(record: string): bool { return true; }");
      expect(error.code).toBe("module.source");
      expect(error.hint).toContain("one Record");
    },
    buildMs,
  );

  test(
    "an error of syntax says where",
    async () => {
      const error = await failureOf(`${sdk}${filter}let x = ;\n`);
      expect(error.where).toMatchObject({ line: 3, column: 9 });
    },
    buildMs,
  );

  test("a source that is not there", async () => {
    const error = await buildModule({ source: join(folder, "none.ts") }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "module.not-found", where: { file: join(folder, "none.ts") } });
  });
});

test(
  "an output that cannot be written",
  async () => {
    const source = await sourceOf(`${sdk}${filter}`);
    const output = join(folder, "none", "out.wasm");
    const error = await buildModule({ source, output }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "file.unwritable", where: { file: output } });
  },
  buildMs,
);
