/** What the suites need of a test framework: Vitest, Jest and Node's own runner all have it. */
export interface TestFramework {
  describe(name: string, define: () => void): unknown;
  test(name: string, run: () => Promise<void>): unknown;
}
