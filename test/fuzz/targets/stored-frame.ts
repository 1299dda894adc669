import { crc32 } from "node:zlib";
import { MillraceError } from "../../../src/errors.ts";
import { type Frame, FrameBuffer, word } from "../../../src/record/index.ts";
import { cutFrame, openStoredFrame, stampFrame } from "../../../src/topic/stored-frame.ts";
import { anyFrame, areSame, damageFrame, recordsOf } from "../frames.ts";
import { joined } from "../mutations.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

/** What is known of a frame: it was changed behind the back of its checksum; it is as it was; it was changed. */
const fate = { any: 0, sound: 1, damaged: 2 } as const;

/*
 * An input: fate of the frame, 32-bit | offset of its first record | offset behind the topic's last |
 * records to be cut off | the frame.
 */
const placeWords = 4;

export const storedFrameTarget: FuzzTarget = {
  name: "stored-frame",
  law: "what is stored is read as it was stored, cut where it should be, or refused with topic.corrupt, whatever its checksum says",
  async prepare() {
    const buffer = new FrameBuffer(0);
    return {
      make(dice) {
        const first = dice.below(1000);
        let bytes = anyFrame(dice);
        stampFrame(bytes, new Uint32Array(bytes.buffer), { offset: first, timestamp: 5 });
        const stored = bytes;
        const isSound = dice.oneIn(4);
        let own: number = isSound ? fate.sound : fate.damaged;
        for (let changes = isSound ? 0 : dice.between(1, 3); changes > 0; changes--)
          bytes = damageFrame(bytes, dice);
        // Damage that the checksum does not tell of, such as a frame that a broken writer has stored.
        if (!isSound && dice.oneIn(2) && bytes.length >= 16) {
          own = fate.any;
          const view = new DataView(bytes.buffer);
          view.setUint32(word.checksum * 4, 0, true);
          view.setUint32(word.checksum * 4, crc32(bytes), true);
        }
        // Bytes behind a frame are no part of it, and some changes change nothing.
        if (!isSound && Buffer.from(bytes.subarray(0, stored.length)).equals(stored)) own = fate.any;
        const next = first + (isSound ? 10 : dice.below(12));
        return joined(new Uint8Array(Uint32Array.of(own, first, next, dice.below(7)).buffer), bytes);
      },
      check(input) {
        if (input.length < placeWords * 4) return;
        const [own, first, next, cut] = new Uint32Array(input.slice(0, placeWords * 4).buffer) as unknown as [
          number,
          number,
          number,
          number,
        ];
        const bytes = input.subarray(placeWords * 4);
        buffer.reset();
        buffer.reserve(bytes.length);
        buffer.bytes.set(bytes);
        let frame: Frame;
        try {
          frame = openStoredFrame(buffer, { topic: "t", first, next, following: () => first + 1 });
        } catch (error) {
          mustHold(MillraceError.is(error) && error.code === "topic.corrupt", `it throws ${String(error)}`);
          mustHold(own !== fate.sound, `what was stored is refused: ${error.message}`);
          return;
        }
        mustHold(own !== fate.damaged, "what was damaged is read as if it were not");
        mustHold(
          frame.baseOffset === first && first + frame.recordCount <= next,
          "it is the frame of another place",
        );
        const records = recordsOf(frame);
        const count = Math.min(cut, frame.recordCount);
        const left = cutFrame(buffer, frame, count);
        mustHold(areSame(recordsOf(left), records.slice(count)), "a cut frame has other records");
        mustHold(left.baseOffset === first + count, "a cut frame begins at another offset");
      },
    };
  },
};
