import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BinaryReader } from "../../../src/engine/module/binary-reader.ts";
import { type FunctionBody, functionsPaidByCallers } from "../../../src/engine/rewrite/callers-pay.ts";
import { FunctionScan } from "../../../src/engine/rewrite/function-scan.ts";
import { ScanKernel } from "../../../src/engine/rewrite/kernel/scan-kernel.ts";
import { type Survey, sectionId, surveyModule } from "../../../src/engine/rewrite/survey.ts";
import { MillraceError } from "../../../src/errors.ts";
import { builtText } from "../../support/kernel-text.ts";
import { compileWat } from "../../support/wat.ts";

const folder = fileURLToPath(new URL("../../../src/engine/rewrite/kernel/", import.meta.url));

// `npx vitest run test/engine/rewrite/scan-kernel -u` writes the file anew after a change of scan.wat.
test("scan-binary.ts is scan.wat, built", async () => {
  const text = await builtText("scan", "scanBinary", await readFile(`${folder}scan.wat`, "utf8"));
  await expect(text).toMatchFileSnapshot(`${folder}scan-binary.ts`);
});

interface Code {
  readonly bytes: Uint8Array;
  readonly survey: Survey;
  readonly bodies: readonly FunctionBody[];
}

function codeOf(bytes: Uint8Array): Code {
  const survey = surveyModule(bytes);
  const section = survey.sections.find(({ id }) => id === sectionId.code);
  const reader = new BinaryReader(bytes, section?.at ?? 0, section?.end ?? 0);
  const bodies: FunctionBody[] = [];
  for (let left = section === undefined ? 0 : reader.unsigned32(); left > 0; left--) {
    const byteCount = reader.unsigned32();
    bodies.push({ at: reader.at, end: reader.at + byteCount });
    reader.skip(byteCount);
  }
  return { bytes, survey, bodies };
}

/** What a scan finds, or how it fails. */
function found(scan: FunctionScan, { at, end }: FunctionBody): unknown {
  try {
    scan.scan(at, end);
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    return error.message;
  }
  const { kinds, values, localsAt, localGroups, codeAt, localCount, cost } = scan;
  const { hasLoop, hasCall, hasPayment, hasQuickLoop, changesOtherState } = scan;
  return {
    ...{
      places: [...scan.at],
      kinds: [...kinds],
      values: [...values],
      localsAt,
      localGroups,
      codeAt,
      localCount,
      cost,
    },
    ...{ hasLoop, hasCall, hasPayment, hasQuickLoop, changesOtherState },
  };
}

/** Scans all functions with the kernel and without, and gives how many of them the kernel has done. */
function compareScans({ bytes, survey, bodies }: Code): number {
  const kernel = ScanKernel.on(bytes, survey.importedFunctionCount + bodies.length) as ScanKernel;
  const paid = tryPaid({ bytes, survey, bodies });
  for (const [index, cost] of paid) kernel.pay(index, cost);
  const alone = new FunctionScan(bytes, (index) => paid.get(index), undefined);
  const together = new FunctionScan(bytes, (index) => paid.get(index), kernel);
  let done = 0;
  for (const body of bodies) {
    expect(found(together, body)).toEqual(found(alone, body));
    if (kernel.scan(body.at, body.end)) done++;
  }
  return done;
}

function tryPaid({ bytes, survey, bodies }: Code): ReadonlyMap<number, number> {
  try {
    return functionsPaidByCallers(bytes, survey, bodies, undefined);
  } catch {
    return new Map();
  }
}

const real = [
  "bench/guests/serde-filter.wasm",
  "bench/guests/search.wasm",
  "smartmodules/assemblyscript/json-pick/json-pick.wasm",
  "smartmodules/assemblyscript/mask/mask.wasm",
];

async function realCode(path: string): Promise<Code> {
  return codeOf(await readFile(new URL(`../../../${path}`, import.meta.url)));
}

describe("the kernel finds what the scan without it finds", () => {
  test.each(real)("in %s, and does all of its functions", async (path) => {
    const code = await realCode(path);
    expect(compareScans(code)).toBe(code.bodies.length);
  });

  test("in every kind of instruction that it does not leave to others", async () => {
    const code = codeOf(
      await compileWat(`(module (memory 1) (table 1 funcref) (type $t (func)) (data $d "a")
        (func $small (param i32) (drop (local.get 0)))
        (func (param i32) (result i32) (local i64 f32 f64) (local v128)
          (block $out (loop $again
            (nop)
            (br_if $out (local.get 0))
            (br_table $again $out $again (local.get 0))))
          (if (local.get 0) (then (call $small (i32.const 1))) (else (return (i32.const 128))))
          (if (local.get 0) (then (call_indirect (type $t) (i32.const 0))))
          (loop $calls (call_indirect (type $t) (i32.const 0)) (loop $quick (br_if $quick (local.get 0))) (br_if $calls (local.get 0)))
          (memory.copy (i32.const 0) (i32.const 0) (i32.const 9))
          (memory.fill (i32.const 0) (i32.const 0) (i32.const 9))
          (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))
          (drop (memory.grow (i32.const 1)))
          (local.set 1 (i64.const 0x7fffffffffffffff))
          (local.set 2 (f32.const 1)) (local.set 3 (f64.const 1))
          (local.set 4 (v128.const i64x2 1 2))
          (local.set 4 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 4) (local.get 4)))
          (v128.store offset=70000 (i32.const 0) (local.get 4))
          (v128.store8_lane 3 (i32.const 0) (local.get 4))
          (drop (i8x16.extract_lane_s 3 (local.get 4)))
          (i64.store offset=300 (i32.const 0) (i64.const -300))
          (drop (i32.trunc_sat_f32_s (f32.const 1)))
          (block (br 0) (drop (i32.const 5)))
          (loop (unreachable))
          (unreachable))
        )`),
    );
    expect(compareScans(code)).toBe(2);
  });

  test("and leaves to others what is rare", async () => {
    const code = codeOf(
      await compileWat(`(module (memory 1) (table 1 funcref) (elem $e func $f)
        (func $f (table.set 0 (i32.const 0) (ref.null func)))
        (func (elem.drop $e))
        (func (drop (select (result i32) (i32.const 0) (i32.const 1) (i32.const 2))))
        (func (local funcref)))`),
    );
    expect(compareScans(code)).toBe(0);
  });

  test("in code with bytes that are others than they were, and fails with the same words", async () => {
    const codes = await Promise.all([...real.slice(1), "bench/guests/keep.wasm"].map(realCode));
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 20 }),
        ({ bytes, survey, bodies }, changes) => {
          const first = bodies[0]?.at ?? 0;
          const end = bodies.at(-1)?.end ?? 0;
          const changed = bytes.slice();
          for (const [at, value] of changes) changed[first + (at % (end - first))] = value;
          compareScans({ bytes: changed, survey, bodies });
        },
      ),
      { numRuns: 60 },
    );
  });
});
