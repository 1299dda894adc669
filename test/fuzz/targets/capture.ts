import { crc32 } from "node:zlib";
import { capturedOutcome } from "../../../src/devkit/replay/outcomes.ts";
import { trailsOf } from "../../../src/devkit/replay/trail.ts";
import { MillraceError } from "../../../src/errors.ts";
import { Batch, Frame, FrameBuffer } from "../../../src/record/index.ts";
import { becameOfEach } from "../../../src/run/capture/became.ts";
import { encodeEntry } from "../../../src/run/capture/entry.ts";
import { entryHeaderBytes, field, fileMark } from "../../../src/run/capture/layout.ts";
import { CaptureReader } from "../../../src/run/capture/reader.ts";
import { head, inMemory } from "../../run/capture/captures.ts";
import type { Dice } from "../../support/dice.ts";
import { anyFrame, checkFrame, damageFrame } from "../frames.ts";
import { anyField, damage, joined } from "../mutations.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

/** A capture with one step, which has dropped some of the records of each batch. */
function anyCapture(dice: Dice): Uint8Array<ArrayBuffer>[] {
  const entries = [encodeEntry(head, [])];
  for (let batches = dice.below(4); batches > 0; batches--) {
    const before = new Frame(anyFrame(dice));
    const after = dice.oneIn(2) ? before : new Frame(anyFrame(dice));
    const origins = Uint32Array.from({ length: after.recordCount }, () =>
      dice.below(Math.max(1, before.recordCount)),
    ).sort();
    const isOwn = after === before || before.recordCount === 0;
    entries.push(
      encodeEntry(
        {
          kind: "batch",
          number: batches,
          firstRecord: dice.below(9),
          cut: 0,
          steps: [
            {
              before: 0,
              after: after === before ? 0 : 1,
              became: becameOfEach(
                before,
                isOwn ? before : after,
                isOwn ? undefined : origins,
                new Set(),
                dice.oneIn(3),
              ),
              origins: isOwn ? null : new Uint8Array(origins.slice().buffer as ArrayBuffer),
              failures: [],
              threw: null,
            },
          ],
          masked: [],
        },
        after === before ? [before] : [before, after],
      ),
    );
  }
  entries.push(encodeEntry({ kind: "end", batches: 1, records: 1, full: null }, []));
  return entries.map((entry) => new Uint8Array(entry));
}

/** Changes an entry; half of the time its checksum says that it was meant to be so. */
function damageEntry(entry: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array<ArrayBuffer> {
  let changed = entry.slice();
  const words = (): Uint32Array => new Uint32Array(changed.buffer, 0, changed.length >> 2);
  if (dice.oneIn(4)) {
    const at = dice.pick(Object.values(field));
    words()[at] = anyField(dice, words()[at] as number);
  } else if (dice.oneIn(2)) {
    const frameAt = changed.findIndex(
      (_, at) => at % 8 === 0 && Buffer.from(changed).toString("latin1", at, at + 4) === "MRF1",
    );
    if (frameAt > 0)
      changed = joined(changed.subarray(0, frameAt), damageFrame(changed.slice(frameAt), dice));
  } else {
    const envelopeEnd = entryHeaderBytes + (words()[field.envelopeBytes] as number);
    const envelope = damage(changed.slice(entryHeaderBytes, envelopeEnd), dice, [
      "\xc0",
      "\xdd",
      "steps",
      "\xff",
    ]);
    changed = joined(changed.subarray(0, entryHeaderBytes), envelope, changed.subarray(envelopeEnd));
    if (dice.oneIn(2)) changed = changed.slice(0, changed.length - (changed.length % 8));
    if (dice.oneIn(2) && changed.length >= entryHeaderBytes) words()[field.envelopeBytes] = envelope.length;
  }
  if (dice.oneIn(2) && changed.length >= entryHeaderBytes) {
    words()[field.entryBytes] = changed.length;
    words()[field.checksum] = crc32(changed.subarray(entryHeaderBytes));
  }
  return changed;
}

export const captureTarget: FuzzTarget = {
  name: "capture",
  law: "a capture is refused with capture.invalid or frame.invalid, or all that it says of its records can be shown",
  async prepare() {
    const batch = new Batch(new FrameBuffer(0));
    return {
      make(dice) {
        const entries = anyCapture(dice);
        for (let changes = dice.below(3); changes > 0; changes--) {
          const at = dice.below(entries.length);
          entries[at] = damageEntry(entries[at] as Uint8Array<ArrayBuffer>, dice);
        }
        const bytes = joined(fileMark, ...entries);
        return dice.oneIn(8) ? damage(bytes, dice) : bytes;
      },
      async check(input) {
        try {
          const reader = await CaptureReader.open(inMemory(input));
          for await (const { envelope, frames } of reader.entries()) {
            for (const frame of frames) checkFrame(frame, batch);
            if (envelope.kind !== "batch") continue;
            for (const run of envelope.steps) capturedOutcome(run, frames);
            const trails = [...trailsOf(reader.head, envelope, frames)];
            mustHold(trails.length === frames[0]?.recordCount, "not every record has its trail");
          }
        } catch (error) {
          const isRefused =
            MillraceError.is(error) && (error.code === "capture.invalid" || error.code === "frame.invalid");
          mustHold(isRefused, `it throws ${String(error)} ${(error as Error).stack}`);
        }
      },
    };
  },
};
