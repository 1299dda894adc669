export { type Kept, readAll, readOne, shown, valuesOf } from "./reading.ts";
export { type SinkFixture, type SinkSubject, testSink } from "./sink.ts";
export { type SourceFixture, type SourceOptions, type SourceSubject, testSource } from "./source.ts";
export type { TestFramework } from "./test-framework.ts";
export { binaryValues, emptyValues, hugeValues, manyValues } from "./values.ts";
