export { fuzzModule } from "./lazy.ts";
export { type FuzzResult, type LawName, type LawResult, lawNames } from "./result.ts";
export { testFileText } from "./test-file.ts";
