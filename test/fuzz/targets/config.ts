import { readdirSync, readFileSync } from "node:fs";
import { readPlan } from "../../../src/config/index.ts";
import { MillraceError } from "../../../src/errors.ts";
import type { Dice } from "../../support/dice.ts";
import { damage, joined } from "../mutations.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

const tokens = [
  ...[
    "\n",
    "\n  ",
    "\n- ",
    ": ",
    ":",
    "- ",
    "? ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    '"',
    "# ",
    "|",
    ">-\n",
    "\t",
    "\r\n",
  ],
  ...[
    "&a ",
    "*a",
    "!t ",
    "!!binary ",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "~",
    "5",
    ".inf",
    "0x1F",
    "<<: ",
    "true",
    "${{",
  ],
  ...[
    "meta",
    "name",
    "type",
    "topic",
    "http-source",
    "file-sink",
    "filter",
    "shape",
    "uses",
    "with",
    "transforms",
  ],
  ...[
    "millrace",
    "extract",
    "onError",
    "lookback",
    "apiVersion",
    "0.2.0",
    "v1",
    "__proto__",
    "constructor",
    "é",
    "\0",
  ],
];

/** Files for other things have the right words in places of their own. */
const more = [
  'apiVersion: 0.2.0\nmeta:\n  version: 0.1.0\n  name: a\n  type: http-source\n  topic:\n    meta:\n      name: t\n    partition:\n      count: 1\n  create-topic: true\nhttp:\n  endpoint: http://127.0.0.1/\n  interval: 10s\ntransforms:\n  - uses: infinyon/jolt@0.1.0\n    with:\n      spec: \'[{"operation":"shift"}]\'\n    lookback:\n      last: 3\n',
  "version: v1\nname: a\ntype: file-source\ntopic: t\nparameters:\n  path: in.txt\n",
  "meta: { name: b, type: generate-source, topic: t }\ngenerate: { count: 5, template: 'x {{index}}' }\nmillrace: { onError: skip, batch-bytes: 1 MiB, isolation: inline }\n",
  "meta:\n  name: c\n  type: topic-sink\n  topic: t\n  consumer:\n    id: c\n    offset:\n      start:\n        absolute: 5\ntopic:\n  name: other\nfilter:\n  - uses: a.wasm\nshape:\n  uses: b.wasm\n  with: { a: { b: [1, null, 2.5] } }\n",
];

export const configTarget: FuzzTarget = {
  name: "config",
  law: "a text is a plan, or a MillraceError of its config with a place, and says which soon",
  async prepare() {
    const folder = "examples/earthquakes";
    const examples = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
    const corpus = [...examples.map((name) => readFileSync(`${folder}/${name}`, "utf8")), ...more];
    return {
      make(dice) {
        let bytes: Uint8Array<ArrayBuffer> = joined(Buffer.from(dice.pick(corpus)));
        for (let changes = dice.below(5); changes > 0; changes--) bytes = damageConfig(bytes, dice);
        return bytes;
      },
      async check(input) {
        try {
          const { plan, warnings } = await readPlan("/nowhere/pipe.yaml", {
            text: Buffer.from(input).toString(),
          });
          mustHold(plan.name.length > 0 && Array.isArray(warnings), "the plan has no name");
        } catch (error) {
          mustHold(
            MillraceError.is(error),
            `it throws ${error instanceof Error ? error.stack : String(error)}`,
          );
          for (const { code, message, where } of [error, ...error.problems]) {
            mustHold(/^(config|connector|module|topic)\./.test(code), `it throws ${code}: ${message}`);
            mustHold(!/\0|\[object|undefined/.test(message), `it says "${message}"`);
            mustHold(where !== undefined && "file" in where, `"${message}" has no place`);
          }
        }
      },
    };
  },
};

/** Changes lines and indentation, repeats and nests, beside what is done to bytes. */
function damageConfig(bytes: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array<ArrayBuffer> {
  const lines = Buffer.from(bytes).toString().split("\n");
  const at = dice.below(lines.length);
  const line = lines[at] ?? "";
  switch (dice.below(9)) {
    case 0:
      lines.splice(at, dice.between(1, 3));
      break;
    case 1:
      lines.splice(dice.below(lines.length), 0, line);
      break;
    case 2:
      lines[at] = `${" ".repeat(dice.below(5))}${line.trimStart()}`;
      break;
    case 3:
      lines[at] = line.replace(
        /:.*/,
        `: ${dice.pick(["null", "[]", "{}", "-1", "1e400", "''", "*a", "&a [*a]", "|", "2024-01-01"])}`,
      );
      break;
    case 4:
      lines[at] = line.replace(/\w+/, (word) =>
        dice.pick([word.slice(1), `${word}s`, word.toUpperCase(), "0"]),
      );
      break;
    case 5: {
      const depth = dice.oneIn(10) ? 5000 : dice.pick([3, 20, 511, 513]);
      lines[at] = `${line.replace(/:.*/, ":")} ${"[".repeat(depth)}${dice.oneIn(2) ? "]".repeat(depth) : ""}`;
      break;
    }
    case 6:
      // Aliases of aliases: each line stands for ten times the one before.
      lines.unshift(
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
        ...Array.from(
          { length: dice.oneIn(10) ? 9 : dice.below(3) },
          (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`,
        ),
      );
      break;
    default:
      return damage(bytes, dice, tokens);
  }
  return joined(Buffer.from(lines.join("\n")));
}
