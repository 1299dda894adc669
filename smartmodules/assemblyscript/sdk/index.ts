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

// What only some modules use stands last, so that the others stay byte by byte what they were.
export { formatDate, noDate, parseDate, windowStart } from "./dates/date";
export { DateFormat } from "./dates/date-format";
export { hash64 } from "./hash/fast";
export { HmacSha256 } from "./hash/hmac";
export { Sha256, sha256 } from "./hash/sha256";
export { Base64, base64, base64Url } from "./encoding/base64";
export { Hex, hex } from "./encoding/hex";
export { Needles } from "./text/needles";
export { Parts } from "./text/parts";
export { Words } from "./text/words";
export { TextWriter } from "./text/writer";
export { CsvReader } from "./csv/reader";
export { CsvWriter } from "./csv/writer";
export { Glob, Pattern, Regex } from "./pattern/pattern";
export { JsonRewrite } from "./json/rewrite";
