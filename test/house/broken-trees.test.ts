import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type RuleName, rules } from "./rules.ts";
import { readTree } from "./source-tree.ts";

type Files = Readonly<Record<string, string>>;

interface Example {
  readonly rule: RuleName;
  readonly name: string;
  readonly files: Files;
  /** What the rule says, line by line. */
  readonly says: readonly string[];
}

const errors = `export const errorCodes = { "a.b": { meaning: "m" }, "a.c": { meaning: "m" } } as const satisfies object;`;
const limits = `export const limits = { fooMax: { default: 1 }, barMax: { default: 1 } } as const;`;

const examples: readonly Example[] = [
  {
    rule: "imports point one way, and folders on one level do not see each other",
    name: "upward, sideways, from below all, and from an unknown part",
    files: {
      "src/errors.ts": `import type { A } from "./base/index.ts";`,
      "src/base/index.ts": `export { a } from "./a.ts";`,
      "src/base/a.ts": `import { a } from "../errors.ts";\nimport type { R } from "../record/index.ts";\nexport const a = 1;`,
      "src/record/index.ts": `import { a } from "../base/index.ts";`,
      "src/console/index.ts": `export const later = () => import("../cli/index.ts");`,
      "src/cli/index.ts": `type Local = import("./here.ts").Here;`,
      "src/cli/here.ts": "export interface Here {}",
      "src/extra/index.ts": "",
    },
    says: [
      "src/extra/index.ts: extra is no part of the house",
      "src/base/a.ts:2: base may not import src/record/index.ts",
      "src/console/index.ts:1: console may not import src/cli/index.ts",
      "src/errors.ts:1: errors.ts may not import src/base/index.ts",
    ],
  },
  {
    rule: "imports lead to files of src",
    name: "out of src, to nothing, and to what is computed",
    files: {
      "src/base/a.ts": `import { x } from "../../test/x.ts";\nimport { b } from "./b.ts";\nimport { c } from "./c.ts";`,
      "src/base/b.ts": "export const b = (name: string) => import(name);",
    },
    says: [
      "src/base/a.ts:1: ../../test/x.ts is no file of src/",
      "src/base/a.ts:3: ./c.ts is no file of src/",
      "src/base/b.ts:1: a computed import cannot be checked",
    ],
  },
  {
    rule: "a folder is entered through its index.ts",
    name: "past the door of a part, and of an ABI inside its part",
    files: {
      "src/base/bytes.ts": "export const a = 1;",
      "src/record/a.ts": `export { a } from "../base/bytes.ts";`,
      "src/engine/abi/packed/index.ts": `export { inner } from "./inner.ts";`,
      "src/engine/abi/packed/inner.ts": "export const inner = 1;",
      "src/engine/chain.ts": `import { inner } from "./abi/packed/inner.ts";\nimport { x } from "./rewrite/x.ts";`,
      "src/engine/rewrite/index.ts": "",
      "src/engine/rewrite/x.ts": "export const x = 1;",
    },
    says: [
      "src/engine/chain.ts:1: src/engine/abi/packed/inner.ts is imported past src/engine/abi/packed/index.ts",
      "src/record/a.ts:1: src/base/bytes.ts is imported past src/base/index.ts",
    ],
  },
  {
    rule: "a connector or an ABI does not import another",
    name: "from one connector to another, and what they share",
    files: {
      "src/connector/spec.ts": "export const spec = 1;",
      "src/connector/http/index.ts": `export const h = 1;\nexport { f } from "../format/index.ts";`,
      "src/connector/format/index.ts": `export const f = 1;\nexport { h } from "../http/index.ts";`,
      "src/connector/file/source.ts": `import { h } from "../http/index.ts";\nimport { spec } from "../spec.ts";`,
      "src/engine/abi/fluvio/index.ts": `import { p } from "../packed/index.ts";`,
      "src/engine/abi/packed/index.ts": "export const p = 1;",
    },
    says: [
      "src/connector/file/source.ts:1: folders in src/connector may not import each other (src/connector/http/index.ts)",
      "src/connector/format/index.ts:2: folders in src/connector may not import each other (src/connector/http/index.ts)",
      "src/engine/abi/fluvio/index.ts:1: folders in src/engine/abi may not import each other (src/engine/abi/packed/index.ts)",
    ],
  },
  {
    rule: "no import cycles",
    name: "of three files beside a diamond, and of one file",
    files: {
      "src/base/a.ts": `import "./b.ts";\nimport "./c.ts";`,
      "src/base/b.ts": `import "./d.ts";`,
      "src/base/c.ts": `import "./d.ts";`,
      "src/base/d.ts": "",
      "src/base/self.ts": `import type { S } from "./self.ts";`,
      "src/base/x.ts": `import "./a.ts";\nimport "./y.ts";`,
      "src/base/y.ts": `export { z } from "./z.ts";`,
      "src/base/z.ts": `import type { X } from "./x.ts";`,
    },
    says: ["import cycle: src/base/self.ts", "import cycle: src/base/x.ts -> src/base/y.ts -> src/base/z.ts"],
  },
  {
    rule: "a package is imported only where it belongs",
    name: "lmdb, a client, and a deep import of a scoped package",
    files: {
      "src/client/kafka.ts": `import { K } from "kafkajs";`,
      "src/connector/kafka/source.ts": `import { K } from "kafkajs";`,
      "src/topic/lmdb/store.ts": `import { open } from "lmdb";\nimport { join } from "node:path";`,
      "src/topic/memory.ts": `import type { open } from "lmdb";`,
      "src/run/nats.ts": `export const n = () => import("@nats-io/core/deep.js");`,
    },
    says: [
      "src/connector/kafka/source.ts:1: kafkajs may be imported only in src/client/",
      "src/run/nats.ts:1: @nats-io/core may be imported only in src/client/",
      "src/topic/memory.ts:1: lmdb may be imported only in src/topic/lmdb/",
    ],
  },
  {
    rule: "record and engine use nothing that a browser lacks",
    name: "directly, through a type, and through what they import",
    files: {
      "src/base/index.ts": `export { now } from "./clock.ts";\nexport type { File } from "./file.ts";`,
      "src/base/clock.ts": `import { hrtime } from "node:process";`,
      "src/base/file.ts": `import { open } from "node:fs";`,
      "src/base/apart.ts": `import { open } from "node:fs";\nexport const a = Buffer.alloc(1);`,
      "src/record/a.ts": `import { now } from "../base/index.ts";\nimport type { Stats } from "node:fs";\n// Buffer is only a word here.\nexport const a = Buffer.from("x");`,
      "src/engine/b.ts":
        "export const f = (b: Buffer, o: { process(): void }) => o.process();\nexport const p = process.cwd();",
    },
    says: [
      "src/engine/b.ts:1: Buffer is not there in a browser",
      "src/engine/b.ts:2: process is not there in a browser",
      "src/record/a.ts:2: node:fs is not there in a browser",
      "src/record/a.ts:4: Buffer is not there in a browser",
      "src/base/clock.ts:1: node:process is not there in a browser",
    ],
  },
  {
    rule: "no default exports",
    name: "in three forms",
    files: {
      "src/base/a.ts": "const a = 1;\nexport default a;",
      "src/base/b.ts": "const b = 1;\nexport { b as default };",
      "src/base/c.ts": `export { default } from "./a.ts";`,
      "src/base/d.ts": `import a from "./a.ts";\nexport const text = "export default a";\nexport { a as named };`,
    },
    says: [
      "src/base/a.ts:2: a default export",
      "src/base/b.ts:2: a default export",
      "src/base/c.ts:1: a default export",
    ],
  },
  {
    rule: "the index.ts of a part only re-exports names",
    name: "with code, and with a star",
    files: {
      "src/base/index.ts": `export { a, type B } from "./a.ts";\nexport type { C } from "./a.ts";\nexport * from "./a.ts";\nexport const x = 1;`,
      "src/base/a.ts": "export const a = 1;",
      "src/base/deeper/index.ts": "export const b = 1;",
    },
    says: [
      "src/base/index.ts:3: an index.ts only re-exports names",
      "src/base/index.ts:4: an index.ts only re-exports names",
    ],
  },
  {
    rule: "no any",
    name: "as an annotation, a cast, an argument of a type, and not as a word",
    files: {
      "src/base/a.ts":
        "const any = 1;\n// any\nlet a: any;\nexport const b = a as any;\nexport type C = Map<string, any>;\nexport const d = <any>a;",
    },
    says: [3, 4, 5, 6].map((line) => `src/base/a.ts:${line}: the type any`),
  },
  {
    rule: "no comment silences the compiler",
    name: "in a line and in a block",
    files: {
      "src/base/a.ts": `// @ts-ignore\nconst a: string = 1;\nconst text = "@ts-ignore";`,
      "src/base/b.ts": "/* @ts-nocheck */",
    },
    says: [
      "src/base/a.ts:1: a comment that silences the compiler",
      "src/base/b.ts:1: a comment that silences the compiler",
    ],
  },
  {
    rule: "only MillraceError is thrown",
    name: "an Error beside what is allowed",
    files: {
      "src/base/a.ts": `export function f(e: unknown) {\n  if (e) throw e;\n  throw new Error("x");\n}\nexport function g() {\n  throw new MillraceError("a.b", "m");\n}`,
    },
    says: ["src/base/a.ts:3: Error is thrown instead of MillraceError"],
  },
  {
    rule: "files are at most 400 lines of at most 130 columns",
    name: "one past each edge, beside files on it",
    files: {
      "src/base/fits.ts": `${"//\n".repeat(399)}//${"x".repeat(128)}\n`,
      "src/base/long.ts": "//\n".repeat(401),
      "src/base/wide.ts": `//${"x".repeat(129)}`,
    },
    says: ["src/base/long.ts: 401 lines, at most 400", "src/base/wide.ts:1: 131 columns, at most 130"],
  },
  {
    rule: "every registered error code is used",
    name: "one is used, one only in a comment",
    files: { "src/errors.ts": errors, "src/base/a.ts": `throw new MillraceError("a.b", "m"); // "a.c"` },
    says: ["src/errors.ts: a.c is never used"],
  },
  {
    rule: "every registered error code is used",
    name: "no registry",
    files: { "src/base/a.ts": "" },
    says: ["src/errors.ts: no object literal errorCodes"],
  },
  {
    rule: "every error code in use is registered",
    name: "in both arms of a condition, but not in its test",
    files: {
      "src/errors.ts": errors,
      "src/base/a.ts": `throw new MillraceError(kind === "late" ? "a.b" : "a.x", "some text");`,
    },
    says: ["src/base/a.ts:1: a.x is not in the registry"],
  },
  {
    rule: "every limit is used and named by a test",
    name: "one used and not tested, one tested and not used",
    files: {
      "src/limits.ts": limits,
      "src/base/a.ts": "export const a = limits.fooMax.default;",
      "test/base/a.test.ts": "limits.barMax.default",
      "test/support/b.ts": "limits.fooMax.default",
      "test/house/c.test.ts": "limits.fooMax.default",
    },
    says: ["src/limits.ts: no test names fooMax", "src/limits.ts: barMax is never used"],
  },
];

function messagesFor(rule: RuleName, files: Files): string[] {
  const root = mkdtempSync(join(tmpdir(), "millrace-house-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return rules[rule](readTree(root));
  } finally {
    rmSync(root, { recursive: true });
  }
}

test.each(examples)("$rule: $name", ({ rule, files, says }) => {
  expect(messagesFor(rule, files)).toEqual(says);
});

test("each rule has an example that breaks it", () => {
  expect(new Set(examples.map(({ rule }) => rule))).toEqual(new Set(Object.keys(rules)));
});
