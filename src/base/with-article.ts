/** A noun with `a` or `an`, as it sounds for the words that are used here. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
