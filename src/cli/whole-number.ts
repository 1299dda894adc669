import { MillraceError } from "../errors.ts";

/** The whole number that a text is, or undefined. */
export function parseWhole(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** @throws MillraceError `cli.usage` */
export function parseCount(text: string): number {
  const count = parseWhole(text);
  if (count === undefined || count === 0) throw wrongValue("--count", text, "a whole number from 1 on");
  return count;
}

/** A parser for an option that takes an offset. */
export function offsetParser(option: string): (text: string) => number {
  return (text) => {
    const offset = parseWhole(text);
    if (offset === undefined) throw wrongValue(option, text, "an offset such as 100");
    return offset;
  };
}

export function wrongValue(option: string, text: string, expected: string): MillraceError {
  return new MillraceError("cli.usage", `${option} cannot be "${text}"`, { hint: `give ${expected}` });
}
