import type { Output } from "./output.ts";
import { cutTo } from "./table.ts";

/**
 * A few lines at the bottom of a terminal that are drawn again in place, with room for messages above them. Where the
 * output is no terminal, messages are written and nothing is drawn.
 */
export class LiveArea {
  readonly #output: Output;
  readonly #redact: (text: string) => string;
  #drawn: readonly string[] = [];

  /** @param redact takes out of a text what nobody should see */
  constructor(output: Output, redact: (text: string) => string = (text) => text) {
    this.#output = output;
    this.#redact = redact;
  }

  get isLive(): boolean {
    return this.#output.isTerminal;
  }

  /** Replaces the lines in place. */
  draw(lines: readonly string[]): void {
    if (!this.isLive) return;
    // A line that wraps would take two rows, and the way back up would end too low. The last column is kept free, since
    // some terminals wrap as soon as it is written.
    const columnsMax = this.#output.columns - 1;
    const fitting = lines.map((line) => cutTo(this.#redact(line), columnsMax, this.#output.style.glyphs.cut));
    const text = fitting.map((line) => `${line}\n`).join("");
    this.#output.say(this.#erasure() + text);
    this.#drawn = fitting;
  }

  /** Writes lines that stay, above the live ones. */
  print(text: string): void {
    const live = this.#drawn.map((line) => `${line}\n`).join("");
    this.#output.say(`${this.#erasure()}${this.#redact(text)}\n${live}`);
  }

  /** Takes the live lines away. */
  clear(): void {
    if (this.#drawn.length > 0) this.#output.say(this.#erasure());
    this.#drawn = [];
  }

  /** Moves to the first live line, and erases from there to the end of the screen. */
  #erasure(): string {
    return this.#drawn.length === 0 ? "" : `\u001B[${this.#drawn.length}A\r\u001B[J`;
  }
}
