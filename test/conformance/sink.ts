import { describe, test } from "vitest";
import { type SinkSubject, testSink as testSinkIn } from "../../src/conformance/index.ts";

/** The published suite for sinks. Clean up with `onTestFinished`. */
export function testSink(subject: SinkSubject): void {
  testSinkIn(subject, { describe, test });
}
