/** What a terminal of a width shows after a text was written to it. It knows the few controls that the program uses. */
export function screenOf(text: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  const down = (): void => {
    row++;
    rows[row] ??= [];
    column = 0;
  };
  for (const token of tokensOf(text)) {
    const control = token.startsWith("\u001B") ? token.at(-1) : undefined;
    if (control === "A") row = Math.max(0, row - Number(token.slice(2, -1)));
    else if (control === "J") {
      rows.length = row + 1;
      rows[row]?.splice(column);
    } else if (control === "m") continue;
    else if (control !== undefined) throw new Error(`the screen does not know ${JSON.stringify(token)}`);
    else if (token === "\r") column = 0;
    else if (token === "\n") down();
    else {
      if (column === columns) down();
      const cells = rows[row] ?? [];
      while (cells.length < column) cells.push(" ");
      cells[column] = token;
      column++;
    }
  }
  return rows.map((cells) => cells.join(""));
}

/** Characters, with the ones of a control sequence together. */
function* tokensOf(text: string): Generator<string> {
  for (const [index, part] of text.split("\u001B[").entries()) {
    const sequence = index === 0 ? "" : (/^\d*[A-Za-z]/.exec(part)?.[0] ?? "");
    if (index > 0) yield `\u001B[${sequence}`;
    yield* part.slice(sequence.length);
  }
}
