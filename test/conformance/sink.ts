import { describe, test } from "vitest";
import { type SinkSubject, testSink as testSinkIn } from "../../src/conformance/index.ts";

/**
 * The published suite for sinks. Clean up with `onTestFinished`.
 * @param timeoutMs for sinks that take a round trip for each record; Vitest's own where absent
 */
export function testSink(subject: SinkSubject, timeoutMs?: number): void {
  testSinkIn(subject, { describe, test: (name, run) => test(name, run, timeoutMs) });
}
