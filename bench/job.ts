/** One pass over a file of lines: records whose `level` is "error" go to the output. Every contender gives the number of survivors. */
export interface Job {
  readonly input: string;
  readonly output: string;
}
