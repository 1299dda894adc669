import { test } from "vitest";

/** `test` where a promise applies to a subject, and nothing where not: a test that is skipped would fail the run in CI. */
export function testIf(applies: boolean): (name: string, run: () => Promise<void>) => void {
  return (name, run) => {
    if (applies) test(name, run);
  };
}
