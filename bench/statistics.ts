export { type Spread, spreadOf } from "../src/devkit/bench/statistics.ts";
