import { parametersPlace, parameterBytes } from "../abi/layout";
import { nearMiss } from "../text/near-miss";
import { Slice } from "../text/slice";
import { decodeText } from "../text/utf8";
import { parseDurationMs } from "./duration";
import { refuse } from "./refusal";

/**
 * What the user of the module has set for it: names and texts. Whatever is wrong with them makes the module refuse to work, with a
 * text that says why; the first reason counts.
 */
export class Parameters {
  /** All names, in the order in which they were given. */
  readonly names: string[] = [];
  private values: string[] = [];

  /** Reads a parameter block. */
  static at(block: usize): Parameters {
    const parameters = new Parameters();
    const count = load<u32>(block);
    for (let i: u32 = 0; i < count; i++) {
      const entry = block + parametersPlace + <usize>i * parameterBytes;
      parameters.names.push(decodeText(block + load<u32>(entry), load<u32>(entry, 4)));
      parameters.values.push(decodeText(block + load<u32>(entry, 8), load<u32>(entry, 12)));
    }
    return parameters;
  }

  has(name: string): boolean {
    return this.names.indexOf(name) >= 0;
  }

  /** The text of a parameter, or another text when it is not set. */
  get(name: string, otherwise: string = ""): string {
    const index = this.names.indexOf(name);
    return index < 0 ? otherwise : this.values[index];
  }

  /** The text of a parameter that must be set and not be empty. */
  required(name: string): string {
    const text = this.get(name);
    if (text.length == 0) {
      const problem = this.has(name) ? "is empty" : "is missing";
      const near = this.has(name) ? "" : nearMiss(name, this.names);
      this.refuse(`the parameter \`${name}\` ${problem}` + (near.length == 0 ? "" : `; \`${near}\` is set, was that meant?`));
    }
    return text;
  }

  /** The number of a parameter, or another one when it is not set. */
  number(name: string, otherwise: f64 = NaN): f64 {
    if (!this.has(name)) return otherwise;
    const number = Slice.of(this.get(name)).toNumber();
    if (isNaN(number)) this.refuse(`the parameter \`${name}\` must be a number, not \`${this.get(name)}\``);
    return number;
  }

  /** The whole number of a parameter, which must lie within bounds, or another one when it is not set. */
  integer(name: string, least: i64, most: i64, otherwise: i64): i64 {
    if (!this.has(name)) return otherwise;
    const number = Slice.of(this.get(name)).toNumber();
    // Both bounds are doubles without rounding, so that nothing outside is taken for one of them.
    if (number == Math.floor(number) && number >= <f64>least && number <= <f64>most) return <i64>number;
    this.refuse(`the parameter \`${name}\` must be a whole number from ${least} to ${most}, not \`${this.get(name)}\``);
    return otherwise;
  }

  /** Milliseconds of a duration such as `10s` or `1h 30m`, as configs have it, or others when it is not set. */
  durationMs(name: string, otherwise: f64 = NaN): f64 {
    if (!this.has(name)) return otherwise;
    const text = this.get(name);
    const ms = parseDurationMs(text);
    if (isNaN(ms)) this.refuse(`the parameter \`${name}\` must be a duration such as \`500ms\`, \`5s\` or \`1h 30m\`, not \`${text}\``);
    return ms;
  }

  /** The text of a parameter that must be one of some words. */
  oneOf(name: string, words: string[], otherwise: string): string {
    const text = this.get(name, otherwise);
    if (!words.includes(text)) {
      const near = nearMiss(text, words);
      this.refuse(
        `the parameter \`${name}\` must be one of ${words.join(", ")}; not \`${text}\`` +
          (near.length == 0 ? "" : `, did you mean \`${near}\`?`),
      );
    }
    return text;
  }

  /** Refuses parameters that are not among these. */
  allow(names: string[]): void {
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i];
      if (names.includes(name)) continue;
      const near = nearMiss(name, names);
      const known = names.length == 0 ? "this module takes none" : `known are ${names.join(", ")}`;
      this.refuse(`the parameter \`${name}\` is not known; ` + (near.length == 0 ? known : `did you mean \`${near}\`?`));
    }
  }

  /** Makes the module refuse its parameters. */
  refuse(reason: string): void {
    refuse(reason);
  }
}
