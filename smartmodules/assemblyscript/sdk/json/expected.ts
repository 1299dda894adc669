/*
 * What the reader expected where it stopped. A number while records are read; the text is made only when a record fails.
 */

export const expectNothing: i32 = 0;
export const expectValue: i32 = 1;
export const expectName: i32 = 2;
export const expectColon: i32 = 3;
export const expectCommaOrBrace: i32 = 4;
export const expectCommaOrBracket: i32 = 5;
export const expectClosingQuote: i32 = 6;
export const expectEscape: i32 = 7;
export const expectHexDigit: i32 = 8;
export const expectNoControl: i32 = 9;
export const expectDigit: i32 = 10;
export const expectEnd: i32 = 11;
export const expectLessDepth: i32 = 12;

/** What is wrong with a text of that length which is not JSON. Where it ends too early, any position from its end on means its end. */
export function jsonProblem(position: i32, length: i32, expected: i32): string {
  if (position >= length) return `invalid JSON at byte ${length}: it ends before it is complete`;
  return `invalid JSON at byte ${position}: expected ${expectationText(expected)}`;
}

function expectationText(expected: i32): string {
  switch (expected) {
    case expectName:
      return "a name in quotes";
    case expectColon:
      return "a colon";
    case expectCommaOrBrace:
      return "a comma or a closing brace";
    case expectCommaOrBracket:
      return "a comma or a closing bracket";
    case expectClosingQuote:
      return "a closing quote";
    case expectEscape:
      return "an escape such as \\n or \\u00e9";
    case expectHexDigit:
      return "four hexadecimal digits";
    case expectNoControl:
      return "a control character to be escaped";
    case expectDigit:
      return "a digit";
    case expectEnd:
      return "nothing more";
    case expectLessDepth:
      return "at most 512 levels of nesting";
    default:
      return "a value";
  }
}
