/** One benchmark of the project: `npm run bench -- NAME` runs it and writes what it found to `bench/results/`. */
export interface Suite {
  readonly name: string;
  /** What it measures, in a line. */
  readonly summary: string;
  /** Minutes it takes on two cores, about. */
  readonly minutes: number;
  run(options: SuiteOptions): Promise<SuiteResult>;
}

export interface SuiteOptions {
  readonly rounds: number;
  /** A folder on a real disk for what a suite writes. */
  readonly folder: string;
  readonly progress: (line: string) => void;
}

export interface SuiteResult {
  /** Everything that was measured, for programs. */
  readonly data: unknown;
  /** The same for people, without a title. */
  readonly markdown: string;
  /** Pictures, by file name. */
  readonly pictures?: Readonly<Record<string, string>>;
}
