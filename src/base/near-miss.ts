/**
 * The candidate that a word was most likely meant to be, or undefined when none is close. Case, `_` and `-` count for
 * nothing, an exchange of neighbours counts as one slip, and one slip is allowed for each three letters.
 */
export function nearMiss(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word);
  // No key or type is this long, and the table below grows with the square of the length.
  if (wanted.length > 100) return undefined;
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const offered = plain(candidate);
    if (Math.abs(offered.length - wanted.length) >= fewest) continue;
    const slips = distance(wanted, offered);
    // Where as many letters differ as the shorter word has, they have nothing in common.
    if (slips < fewest && slips < Math.max(1, Math.min(wanted.length, offered.length))) {
      best = candidate;
      fewest = slips;
    }
  }
  return best;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Damerau-Levenshtein distance in its restricted form: no part is edited twice. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const isExchange =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const insert = (current[column - 1] ?? 0) + 1;
      const remove = (above[column] ?? 0) + 1;
      const replace = (above[column - 1] ?? 0) + (isSame ? 0 : 1);
      const exchange = isExchange ? (before[column - 2] ?? 0) + 1 : replace;
      current.push(Math.min(insert, remove, replace, exchange));
    }
    before = above;
    above = current;
  }
  return above[right.length] ?? 0;
}
