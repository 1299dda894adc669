import { MillraceError } from "../../../src/errors.ts";
import { Batch, type Frame, FrameBuffer, openFrame } from "../../../src/record/index.ts";
import { aligned, anyFrame, checkFrame, damageFrame } from "../frames.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

export const frameTarget: FuzzTarget = {
  name: "frame",
  law: "bytes are refused with frame.invalid, or all of their records can be read, lie inside of them and survive being gathered",
  async prepare() {
    const batch = new Batch(new FrameBuffer(0));
    return {
      make(dice) {
        let bytes = anyFrame(dice);
        for (let changes = dice.below(4); changes > 0; changes--) bytes = damageFrame(bytes, dice);
        return bytes;
      },
      check(input) {
        let frame: Frame;
        try {
          frame = openFrame(aligned(input));
        } catch (error) {
          mustHold(MillraceError.is(error) && error.code === "frame.invalid", `it throws ${String(error)}`);
          return;
        }
        checkFrame(frame, batch);
      },
    };
  },
};
