/**
 * One pass over a file of lines: records whose `level` is "error" go to the output. Every contender gives the number of survivors. Files
 * lie in memory where the system offers that: Millrace waits until its output is on the disk and the others do not, and this is about
 * neither.
 */
export interface Job {
  readonly input: string;
  readonly output: string;
}
