/**
 * One pass over a file of lines: records whose `level` is "error" go to the output. Every contender gives the number of survivors. None
 * waits for the disk, which would add the same time to all of them and hide what they do themselves.
 */
export interface Job {
  readonly input: string;
  readonly output: string;
}
