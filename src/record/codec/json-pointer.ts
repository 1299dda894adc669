/**
 * The reference tokens of a JSON pointer (RFC 6901), unescaped: none for the empty text, which points to the whole
 * document. Undefined when the text is no pointer: it neither is empty nor begins with `/`, or has a `~` that is not
 * followed by 0 or 1.
 */
export function parseJsonPointer(text: string): readonly string[] | undefined {
  if (text === "") return [];
  if (!text.startsWith("/") || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer that the tokens make, escaped. */
export function formatJsonPointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
