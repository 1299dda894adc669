import { control, controlBytes } from "../../../src/engine/abi/packed/layout.ts";
import { openChain, type Transform } from "../../../src/engine/index.ts";
import { MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, FrameBuffer, FrameBuilder, type RecordInput } from "../../../src/record/index.ts";
import { keepOnly } from "../../record/keep-only.ts";
import type { Dice } from "../../support/dice.ts";
import { controlAt } from "../../support/guests.ts";
import { type PlainRecord, plainRecords } from "../../support/records.ts";
import { meaningOf } from "../answer-model.ts";
import { areSame, checkBatch } from "../frames.ts";
import { anyField, joined } from "../mutations.ts";
import {
  holdingStrings,
  type Instances,
  loadPuppets,
  operation,
  puppetKinds,
  type Strings,
} from "../puppet.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

/*
 * An input: kind of module, 8-bit | 1: the batch was filtered before | records | batches | operations of the module.
 */
const headBytes = 4;
/** Emitted records that there is always room for. */
const emittedSurely = 1024;
const page = 65_536;

export const packedAnswerTarget: FuzzTarget = {
  name: "packed-answer",
  law: "what a module answers means what its ABI says, or costs records and leaves the frame as it was, with counts that add up",
  async prepare() {
    const modules = await loadPuppets();
    const batch = new Batch(new FrameBuffer(0));
    return {
      make(dice) {
        const head = [
          dice.below(modules.length),
          dice.below(2),
          dice.between(1, 6),
          dice.between(1, 2),
        ] as const;
        return joined(Uint8Array.from(head), new Uint8Array(scriptOf(dice, head[0], head[2]).buffer));
      },
      async check(input) {
        const [kind = 0, isFiltered = 0, count = 1, batches = 1] = input;
        const module = modules[kind % modules.length];
        if (module === undefined || input.length < headBytes) return;
        const lines: string[] = [];
        await holdingStrings(async (instances) => {
          const { transforms } = await openChain([{ module }], { log: ({ text }) => lines.push(text) });
          const puppet = { transform: transforms[0] as Transform, instances };
          for (let n = 0; n < Math.min(batches, 3); n++) {
            const records: RecordInput[] = [{ value: input.subarray(headBytes), key: "first" }];
            for (let i = 1; i < count % 16; i++)
              records.push({ value: `value ${i}`, key: i % 2 === 0 ? "k" : undefined });
            // A later batch is larger, so that regions are asked for after the module has said where they are.
            if (n > 0) records.push({ value: new Uint8Array(n * 200_000) });
            if (!runBatch(puppet, batch, records, isFiltered === 1)) break;
          }
        });
        const longest = limits.moduleLogBytesMax.default;
        mustHold(
          lines.every((line) => line.length <= longest),
          "a line of the log is too long",
        );
      },
    };
  },
};

interface Puppet {
  readonly transform: Transform;
  readonly instances: Instances;
}

/** False when the module has ended with it. */
function runBatch(
  { transform, instances }: Puppet,
  batch: Batch,
  given: readonly RecordInput[],
  isFiltered: boolean,
): boolean {
  batch.release();
  const builder = new FrameBuilder(batch.buffer);
  for (const record of given) builder.add(record);
  batch.start(builder.finish({ offset: 5, timestamp: 7 }));
  if (isFiltered)
    keepOnly(
      batch,
      [...Array(batch.count).keys()].filter((index) => index % 3 !== 1),
    );
  const before = Buffer.from(batch.frame.bytes);
  const records = plainRecords(batch);
  const sent = batch.count;
  const counted = { ...transform.counts };
  const index = instances.count - 1;
  const callsBefore = instances.at(index);
  const end = endOf(() => transform.process(batch));
  mustHold(before.equals(batch.frame.bytes), "the host's frame has changed");
  if (end !== undefined) return false;
  checkTaken(transform, batch, { sent, count: given.length, counted });
  const isRefused = transform.counts.renewals > counted.renewals;
  const strings = instances.at(index);
  const isOneAnswer = strings.begun === callsBefore.begun + 1 && strings.ended === callsBefore.ended + 1;
  if (!isFiltered && isOneAnswer && strings.returned > 0)
    checkMeaning(transform, batch, strings, { isRefused, records, before });
  if (!isRefused) checkAccumulator(transform, strings.memory);
  return true;
}

interface Sent {
  /** The answer was not taken. */
  readonly isRefused: boolean;
  readonly records: readonly PlainRecord[];
  readonly before: Uint8Array;
}

/** Holds that the only answer of an instance was taken for what it means, or refused where it means nothing. */
function checkMeaning(
  { kind }: Transform,
  batch: Batch,
  strings: Strings,
  { isRefused, records, before }: Sent,
): void {
  const cells = new DataView(strings.memory.buffer, controlAt);
  const emitted = cells.getUint32(control.emitted * 4, true);
  const isExpansion = kind === "array-map";
  const isTooMuch = strings.returned > records.length || (!isExpansion && emitted > 0);
  // Whether so many find room depends on what there was before.
  if (!isTooMuch && isExpansion && emitted > emittedSurely) return;
  const meaning = isTooMuch ? undefined : meaningOf(kind, strings, emitted, records, before);
  if (meaning !== undefined && !isRefused) {
    mustHold(areSame(plainRecords(batch), meaning), "the answer means other records");
    return;
  }
  const isOfOther = kind === "aggregate" || cells.getUint32(control.logBytes * 4, true) !== 0;
  mustHold(
    isRefused === (meaning === undefined) || (isRefused && isOfOther),
    `it is ${isRefused ? "refused" : "taken"}`,
  );
}

/** Holds that what is taken as the accumulator is all of what the module says. */
function checkAccumulator(transform: Transform, memory: Uint8Array): void {
  const accumulator = transform.accumulator();
  if (accumulator === undefined) return;
  const view = new DataView(memory.buffer, controlAt);
  const at = view.getUint32(control.accumulatorAt * 4, true);
  const byteCount = view.getUint32(control.accumulatorBytes * 4, true);
  // The host writes into the control block after it has taken what may lie there.
  if (at < controlAt + controlBytes && at + byteCount > controlAt) return;
  mustHold(accumulator.length === byteCount, `${accumulator.length} bytes are taken of ${byteCount}`);
  mustHold(
    Buffer.compare(accumulator, memory.subarray(at, at + byteCount)) === 0,
    "the accumulator is another",
  );
  mustHold(byteCount <= limits.accumulatorBytesMax.default, "the accumulator is too large");
}

/** What has ended a module, if something has; everything else that is thrown breaks the law. */
function endOf(act: () => void): MillraceError | undefined {
  try {
    act();
  } catch (error) {
    mustHold(MillraceError.is(error), `it throws ${error instanceof Error ? error.stack : String(error)}`);
    mustHold(
      ["module.answer", "module.trap", "module.fuel"].includes(error.code),
      `it throws ${error.code}: ${error.message}`,
    );
    return error;
  }
  return undefined;
}

interface Given {
  readonly sent: number;
  readonly count: number;
  readonly counted: Transform["counts"];
}

/** Holds what does not depend on what was answered. */
function checkTaken(transform: Transform, batch: Batch, { sent, count, counted }: Given): void {
  const { records, kept, replaced, expanded, emitted, dropped, failed } = transform.counts;
  mustHold(
    records - counted.records === sent,
    `${records - counted.records} records were counted of ${sent}`,
  );
  mustHold(kept + replaced + expanded + dropped + failed === records, "counts do not add up");
  const out = kept + replaced + emitted - counted.kept - counted.replaced - counted.emitted;
  mustHold(out === batch.count, `${out} records came out, ${batch.count} are in play`);
  const textMax = limits.recordErrorBytesMax.default;
  const codes: readonly string[] = ["module.record", "module.trap", "module.fuel", "module.answer"];
  for (const { code, message } of batch.failures) {
    mustHold(codes.includes(code), `a record is failed with ${code}`);
    mustHold(message.length <= textMax + 300, "an error text is too long");
  }
  for (let i = 0, last = 0; i < batch.count; i++) {
    const origin = batch.originOf(i);
    mustHold(
      origin >= last && origin < count,
      `record ${i} comes from ${origin}, the one before from ${last}`,
    );
    last = origin;
  }
  checkBatch(batch);
}

const addresses = [
  0,
  8,
  1024,
  2048,
  page,
  page + 64,
  page + 200,
  3 * page,
  2 ** 31,
  2 ** 32 - 8,
  2 ** 32 - 1,
];

/** Operations of an answer that is right at first, and then changed here and there. */
function scriptOf(dice: Dice, kind: number, count: number): Uint32Array<ArrayBuffer> {
  const script: number[][] = [];
  for (let calls = dice.between(1, 3); calls > 0; calls--) {
    const isExpansion = puppetKinds[kind] === "array-map";
    const code = isExpansion ? 4 : dice.pick([1, 1, 0x13, 0x13, 0x33, 0xf3, 5]);
    script.push([operation.fill, 0, 0, code]);
    for (let i = 0; i < count; i++) {
      if (dice.oneIn(isExpansion ? 12 : 3))
        script.push([operation.byte, control.verdictsAt, i, dice.pick([1, 2, 3, 4, 5, 0x13, 0x23, 0x83])]);
      for (const column of [control.valuesAt, control.keysAt, control.timestampsAt, control.headersAt]) {
        if (dice.oneIn(2)) script.push(...spanOf(dice, column, i));
      }
      if (!isExpansion) continue;
      script.push([operation.word, control.sourcesAt, i * 4, dice.oneIn(8) ? dice.below(count + 1) : i]);
      script.push([operation.byte, control.changesAt, i, dice.pick([0x10, 0x10, 0x30, 0x90, 0xf0, 0])]);
    }
    if (isExpansion)
      script.push([
        operation.cell,
        control.emitted,
        0,
        dice.oneIn(3) ? dice.pick([count - 1, count + 1, anyField(dice, count)]) : count,
      ]);
    for (let extras = dice.oneIn(2) ? 0 : dice.below(3); extras > 0; extras--) script.push(meddle(dice));
    script.push([operation.end, 0, dice.oneIn(3) ? anyField(dice, count) : count, 0]);
  }
  for (let changes = dice.below(3); changes > 0; changes--) {
    const line = dice.pick(script);
    const at = dice.below(4);
    line[at] = anyField(dice, line[at] ?? 0);
  }
  return Uint32Array.from(script.flat());
}

function spanOf(dice: Dice, column: number, i: number): number[][] {
  // Few are wrong, so that what is checked behind them is reached, too.
  const at = dice.oneIn(30) ? dice.pick(addresses) : page + dice.below(400);
  const length = dice.oneIn(30) ? anyField(dice, 8) : dice.below(30);
  return [
    [operation.word, column, i * 8, at],
    [operation.word, column, i * 8 + 4, length],
  ];
}

/** Something beside an answer: memory that grows, regions elsewhere, cells of the control block that are the host's. */
function meddle(dice: Dice): number[] {
  switch (dice.below(6)) {
    case 0:
      return [operation.grow, 0, 0, dice.pick([0, 1, 16, 100_000])];
    case 1:
      return [operation.reserve, 0, dice.pick(addresses), 0];
    case 2:
      return dice.oneIn(4)
        ? [operation.trap, 0, 0, 0]
        : [operation.cell, control.logBytes, 0, dice.pick([8, 16, 70_000])];
    case 3:
      return [operation.cell, control.accumulatorBytes, 0, anyField(dice, 4)];
    case 4:
      return [operation.word, control.inputAt, dice.below(64) * 4, anyField(dice, 0)];
    default:
      return [operation.cell, dice.below(24), 0, dice.oneIn(2) ? dice.pick(addresses) : anyField(dice, 8)];
  }
}
