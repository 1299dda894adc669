import type { FuzzTarget } from "./target.ts";
import { captureTarget } from "./targets/capture.ts";
import { configTarget } from "./targets/config.ts";
import { frameTarget } from "./targets/frame.ts";
import { jsonTarget } from "./targets/json.ts";
import { linesTarget } from "./targets/lines.ts";
import { packedAnswerTarget } from "./targets/packed-answer.ts";
import { rewriteTarget } from "./targets/rewrite.ts";
import { simulatorTarget } from "./targets/simulator.ts";
import { storedFrameTarget } from "./targets/stored-frame.ts";

/** Everything that is fuzzed. A new target is one file in `targets/` and a line here. */
export const targets: readonly FuzzTarget[] = [
  frameTarget,
  storedFrameTarget,
  captureTarget,
  packedAnswerTarget,
  linesTarget,
  jsonTarget,
  configTarget,
  rewriteTarget,
  simulatorTarget,
];
