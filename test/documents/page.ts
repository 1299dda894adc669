/** Stands on every page that a test writes, so that nobody edits it by hand. */
export const generatedNote =
  "<!-- Made from the code by `npm run build:documents`; `npm test` checks that it is current. -->";

/** A text as it may stand in a cell of a Markdown table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").trim();
}
