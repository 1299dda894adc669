/** The word that was probably meant, or an empty text: at most one edit per three letters away, and nearer than all others. */
export function nearMiss(word: string, words: string[]): string {
  let best = "";
  let bestDistance = min(word.length / 3 + 1, 3) + 1;
  for (let i = 0; i < words.length; i++) {
    const distance = editDistance(word, words[i]);
    if (distance < bestDistance) {
      best = words[i];
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, remove or replace. */
function editDistance(one: string, other: string): i32 {
  const row: i32[] = [];
  for (let j = 0; j <= other.length; j++) row.push(j);
  for (let i = 1; i <= one.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= other.length; j++) {
      const replaced = diagonal + (one.charCodeAt(i - 1) == other.charCodeAt(j - 1) ? 0 : 1);
      diagonal = row[j];
      row[j] = min(replaced, min(row[j], row[j - 1]) + 1);
    }
  }
  return row[other.length];
}
