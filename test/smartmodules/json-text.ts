import fc from "fast-check";

/** UTF-8 as the platform makes it, where half a surrogate pair becomes a replacement character. */
export const wellFormed = (text: string): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));

/** A JSON text written in one of the many ways in which its value can be: white space, escapes, forms of numbers. */
export const jsonText: fc.Arbitrary<string> = fc
  .tuple(fc.jsonValue({ maxDepth: 4 }), fc.infiniteStream(fc.nat(255)))
  .map(([value, choices]) => spell(value, () => choices.next().value as number));

const name = fc.constantFrom(
  "a",
  "b",
  "ab",
  "level",
  "é",
  'q"u',
  "a.b",
  "properties",
  "a name of more than sixteen bytes",
  "",
);

/** Documents with few names, so that paths meet something. */
export const document: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    fc.string({ unit: "grapheme" }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ minLength: 60, maxLength: 200 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 5 }),
  ),
})).value;

export function spell(value: unknown, choose: () => number): string {
  const space = (): string => (choose() < 200 ? "" : [" ", "\n", "\t\r\n", "  "][choose() % 4]!);
  const around = (text: string): string => `${space()}${text}${space()}`;
  if (typeof value === "string") return around(spellString(value, choose));
  if (typeof value === "number") return around(spellNumber(value, choose));
  if (Array.isArray(value))
    return around(`[${value.map((each) => spell(each, choose)).join(",") || space()}]`);
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value).map(
      ([key, each]) => `${around(spellString(key, choose))}:${spell(each, choose)}`,
    );
    return around(`{${members.join(",") || space()}}`);
  }
  return around(String(value));
}

function spellString(text: string, choose: () => number): string {
  const plain = JSON.stringify(text);
  if (choose() < 180) return plain;
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const spelled = units.map((unit, i) => {
    const hex = unit.toString(16).padStart(4, "0");
    if (choose() < 128) return `\\u${choose() < 128 ? hex : hex.toUpperCase()}`;
    if (unit === 0x2f) return "\\/";
    // Halves of a surrogate pair are only told apart from a whole one as escapes.
    return (unit & 0xf800) === 0xd800 ? `\\u${hex}` : JSON.stringify(text[i]).slice(1, -1);
  });
  return `"${spelled.join("")}"`;
}

function spellNumber(value: number, choose: () => number): string {
  const plain = Object.is(value, -0) ? "-0" : String(value);
  if (choose() < 180) return plain;
  const [digits = "", exponent] = value.toExponential().split("e");
  return choose() < 128
    ? `${digits}E${exponent}`
    : `${digits}${digits.includes(".") ? "" : ".0"}00e${exponent}`;
}
