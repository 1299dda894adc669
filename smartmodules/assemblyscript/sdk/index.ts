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
export { Parameters } from "./parameters/parameters";
export { Record } from "./record/record";
export { Slice } from "./text/slice";
