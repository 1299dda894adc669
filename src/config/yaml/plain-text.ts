/** A text with blanks for its control characters, which would move a mark away, or do worse to a terminal. */
export function plainText(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
