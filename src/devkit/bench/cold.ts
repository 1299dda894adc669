import { utf8 } from "../../base/index.ts";
import { loadModule } from "../../engine/index.ts";
import { Batch, type Frame } from "../../record/index.ts";
import { type Contender, openContender } from "./contender.ts";
import type { ColdStart } from "./result.ts";
import { medianOf } from "./statistics.ts";
import type { Now } from "./timer.ts";

const starts = 3;

/** So that no two modules of a process have the same bytes. */
let startsSoFar = 0;

/**
 * How long a module takes from its bytes to its first batch, where the platform has not seen it before: medians of a few starts.
 * @throws MillraceError what ends the module
 */
export async function coldStart(contender: Contender, frame: Frame, now: Now): Promise<ColdStart> {
  const compileMs: number[] = [];
  const instantiateMs: number[] = [];
  const firstBatchMs: number[] = [];
  for (let i = 0; i < starts; i++) {
    const bytes = unseen(contender.bytes, startsSoFar++);
    const batch = new Batch().load(frame);
    const begin = now();
    const module = await loadModule(bytes, contender.name, { fuel: contender.fuel });
    const loaded = now();
    const chain = await openContender({ ...contender, module });
    const opened = now();
    chain.process(batch);
    firstBatchMs.push(now() - opened);
    instantiateMs.push(opened - loaded);
    compileMs.push(loaded - begin);
  }
  return {
    compileMs: medianOf(compileMs),
    instantiateMs: medianOf(instantiateMs),
    firstBatchMs: medianOf(firstBatchMs),
  };
}

/**
 * The module with a custom section that no other one has, which changes nothing it does: the platform keeps the code of modules
 * whose bytes it has seen, and would not compile them again.
 */
function unseen(bytes: Uint8Array, number: number): Uint8Array {
  const name = utf8("millrace.bench");
  const content = [name.length, ...name, number & 0x7f, (number >> 7) & 0x7f, (number >> 14) & 0x7f];
  const whole = new Uint8Array(bytes.length + 2 + content.length);
  whole.set(bytes);
  whole.set([0, content.length, ...content], bytes.length);
  return whole;
}
