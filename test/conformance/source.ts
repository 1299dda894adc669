import { describe, test } from "vitest";
import { type SourceSubject, testSource as testSourceIn } from "../../src/conformance/index.ts";

/** The published suite for sources. Clean up with `onTestFinished`. */
export function testSource(subject: SourceSubject): void {
  testSourceIn(subject, { describe, test });
}
