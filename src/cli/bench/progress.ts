import type { Progress } from "../../devkit/index.ts";
import { formatBytes, formatCount, type LiveArea, type Style } from "../output/index.ts";

const barColumns = 24;

/** One line that says how far a measurement is, on a terminal. */
export class BenchProgress {
  readonly #screen: LiveArea;
  readonly #style: Style;
  readonly #isWanted: boolean;

  constructor(screen: LiveArea, style: Style, isWanted: boolean) {
    this.#screen = screen;
    this.#style = style;
    this.#isWanted = isWanted;
  }

  draw({ batchRecords, valueBytes, round, rounds, share }: Progress): void {
    const done = Math.round(share * barColumns);
    const bar = "#".repeat(done) + this.#style.dim("-".repeat(barColumns - done));
    const what = `batches of ${formatCount(batchRecords)}, values of ${formatBytes(Math.round(valueBytes))}`;
    this.say(`${bar} ${what}, ${round === 0 ? "warming up" : `round ${round} of ${rounds}`}`);
  }

  say(line: string): void {
    if (this.#isWanted) this.#screen.draw([line]);
  }

  clear(): void {
    this.#screen.clear();
  }
}
