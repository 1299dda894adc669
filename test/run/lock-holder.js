// @ts-check
// Holds a pipeline's lock until it is killed.
import { lockPipeline } from "../../dist/run/lock.js";

const [pipeline = "", folder = ""] = process.argv.slice(2);
await lockPipeline(pipeline, folder);
process.send?.("held");
setInterval(() => {}, 60_000);
