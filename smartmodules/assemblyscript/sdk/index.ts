/*
 * What a SmartModule in AssemblyScript is written with. An author writes one function on one record and exports it as `filter`
 * or `map`; `millrace build` adds the rest.
 */

export { JsonEntries } from "./json/entries";
export { JsonField } from "./json/field";
export { JsonName } from "./json/name";
export { JsonPath } from "./json/path";
export { JsonPaths } from "./json/paths";
export { JsonWriter } from "./json/writer";
export { log } from "./log/log";
export { Parameters } from "./parameters/parameters";
export { Accumulator } from "./record/accumulator";
export { Emitted } from "./record/expansion";
export { Headers } from "./record/headers";
export { Record } from "./record/record";
export { Slice } from "./text/slice";
