/**
 * The text with its control characters shown as `\x1b`. Texts of modules and servers are shown to people, and a
 * terminal would obey what is in them.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0);
    return code === 0x0a ? character : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}
