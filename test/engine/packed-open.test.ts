import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeParameters } from "../../src/engine/abi/packed/parameters.ts";
import { openChain, type Transform } from "../../src/engine/index.ts";
import { type ErrorCode, MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { controlAt, type GuestParts, guestModule, openGuest, store, text } from "../support/guests.ts";
import { texts } from "../support/records.ts";

async function expectRefused(
  parts: GuestParts,
  code: ErrorCode,
  message: string | RegExp,
  parameters: Readonly<Record<string, string>> = {},
): Promise<MillraceError> {
  const error: unknown = await openGuest(parts, parameters).catch((reason: unknown) => reason);
  if (!MillraceError.is(error)) throw error;
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
  expect(error.where).toMatchObject({ module: "guest" });
  expect(error.hint).toBeTruthy();
  return error;
}

/** A map that gives the parameter block it got at init as the value of each record. */
const echo: GuestParts = {
  init: `(memory.copy (i32.const 4096) (call $inputAt) (call $inputBytes))
         (global.set $length (call $inputBytes))
         (i32.const 0)`,
  record: `(call $setValue (local.get $i) (i32.const 4096) (global.get $length)) (i32.const 0x13)`,
  extra: `(global $length (mut i32) (i32.const 0))`,
};

function run(transform: Transform, values: readonly string[] = ["x"]): Batch {
  const batch = Batch.of(frameOf(values));
  transform.process(batch);
  return batch;
}

/** The layout drawn in `layout.ts`, read as plainly as possible. */
function readBlock(block: Uint8Array): [string, string][] {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const part = (at: number): string => {
    const from = view.getUint32(at, true);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      block.subarray(from, from + view.getUint32(at + 4, true)),
    );
  };
  expect(view.getUint32(4, true)).toBe(0);
  return Array.from({ length: view.getUint32(0, true) }, (_, i) => [part(8 + i * 16), part(16 + i * 16)]);
}

describe("parameters", () => {
  test("are a block with these bytes", () => {
    const block = encodeParameters(new Map([["field", "é"]]), "guest");
    const hex = Array.from(block, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    expect(hex).toBe(
      [
        "01 00 00 00 00 00 00 00", // one parameter
        "18 00 00 00 05 00 00 00", // its name: at 24, 5 bytes
        "1d 00 00 00 02 00 00 00", // its value: at 29, 2 bytes
        "66 69 65 6c 64 c3 a9", // "field" "é"
      ].join(" "),
    );
  });

  test("reach the module as they were given", async () => {
    const module = await guestModule(echo);
    const entries = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(entries, async (pairs) => {
        const parameters = new Map(pairs);
        const { transforms } = await openChain([{ module, parameters }]);
        const [record] = run(transforms[0] as Transform);
        expect(readBlock(record?.value.slice() as Uint8Array)).toEqual([...parameters]);
      }),
    );
  });

  test("may be a plain object, or none", async () => {
    const [record] = run(await openGuest(echo, { b: "2", a: "1" }));
    expect(readBlock(record?.value.slice() as Uint8Array)).toEqual([
      ["b", "2"],
      ["a", "1"],
    ]);
    const { transforms } = await openChain([{ module: await guestModule(echo) }]);
    const [none] = run(transforms[0] as Transform);
    expect(readBlock(none?.value.slice() as Uint8Array)).toEqual([]);
  });

  test("parametersBytesMax: may take that many bytes, and no more", async () => {
    const room = limits.parametersBytesMax.default - 8 - 16 - 1;
    expect((await openGuest(echo, { n: "v".repeat(room) })).kind).toBe("map");
    await expectRefused(echo, "module.init", "parameters of guest take", { n: "v".repeat(room + 1) });
  });
});

test("parameters for a module that does not look at any are refused", async () => {
  const parts: GuestParts = { record: "(i32.const 1)" };
  await expectRefused(parts, "module.init", /takes no parameters, and was given field, value/, {
    field: "a",
    value: "b",
  });
  await openGuest(parts);
});

describe("initialisation", () => {
  test("refuses parameters with a text of the module's own", async () => {
    const parts: GuestParts = {
      init: `(i32.store (i32.const ${controlAt + 44}) (i32.const 2048))
             (i32.store (i32.const ${controlAt + 48}) (i32.const 15))
             (i32.const 1)`,
      data: "field is needed",
    };
    const error = await expectRefused(parts, "module.init", "guest refused its parameters: field is needed");
    expect(error.category).toBe("config");
  });

  test("refuses them without a text, or with one that is nowhere", async () => {
    const refused = (...body: readonly string[]): GuestParts => ({
      init: [...body, "(i32.const 7)"].join(" "),
    });
    await expectRefused(refused(), "module.init", "refused its parameters: status 7");
    await expectRefused(
      refused(store("errorAt", -1), store("errorBytes", -1)),
      "module.init",
      "refused its parameters: status 7",
    );
  });

  test("recordErrorBytesMax: its text is cut to that many bytes", async () => {
    const error = await expectRefused(
      { init: [store("errorAt", 0), store("errorBytes", 65_536), "(i32.const 1)"].join(" ") },
      "module.init",
      "refused its parameters: ",
    );
    expect(error.message.length).toBe(
      "guest refused its parameters: ".length + limits.recordErrorBytesMax.default,
    );
  });

  test("may trap", async () => {
    const error = await expectRefused({ init: "(unreachable)" }, "module.trap", "guest trapped: unreachable");
    expect(error.where).toEqual({ module: "guest", export: "millrace_init" });
    await expectRefused(
      { extra: "(func $start (unreachable)) (start $start)" },
      "module.trap",
      "guest trapped in its start function: unreachable",
    );
    await expectRefused(
      { extra: `(data (i32.const 65536) "beyond")` },
      "module.trap",
      "guest could not be instantiated: ",
    );
    await expectRefused({ mark: "(unreachable)" }, "module.trap", "guest trapped: unreachable");
  });

  test("may overflow the stack", async () => {
    const parts = {
      init: "(call $deeper)",
      extra: "(func $deeper (result i32) (i32.add (call $deeper) (call $deeper)))",
    };
    await expectRefused(parts, "module.trap", "guest trapped: Maximum call stack size exceeded");
  });

  test("happens once, before the first record, and each instance has its own", async () => {
    const counting: GuestParts = {
      init: "(global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.const 0)",
      record: `(i32.store8 (i32.const 2048) (i32.add (i32.const 48) (global.get $n)))
               (call $setValue (local.get $i) ${text(1)}) (i32.const 0x13)`,
      extra: "(global $n (mut i32) (i32.const 0))",
    };
    const module = await guestModule(counting);
    const { transforms } = await openChain([{ module }, { module }]);
    for (const transform of transforms) expect(texts(run(transform, ["a", "b"]))).toEqual(["1", "1"]);
  });

  test("tells whether the module keeps something", async () => {
    expect((await openGuest()).stateful).toBe(false);
    const kept = await openGuest({ init: `${store("flags", 1)} (i32.const 0)` });
    expect(kept.stateful).toBe(true);
    // Other bits are for later versions.
    expect((await openGuest({ init: `${store("flags", 2)} (i32.const 0)` })).stateful).toBe(false);
  });
});

describe("a control block", () => {
  test.each([
    ["is unaligned", 1028],
    ["ends outside of memory", 65_536 - 88],
    ["begins outside of memory", 65_536],
    ["begins where no memory can be", -8],
  ])("that %s is refused", async (_what, at) => {
    await expectRefused(
      { mark: `(i32.const ${at})` },
      "module.answer",
      `its control block at ${at >>> 0} is unaligned or`,
    );
  });

  test("may stand at the very end of memory", async () => {
    expect((await openGuest({ mark: `(i32.const ${65_536 - 96})` })).kind).toBe("map");
  });
});
