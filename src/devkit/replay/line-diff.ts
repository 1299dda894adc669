/** A line of a difference: in both, only in the first, only in the second. */
export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** More lines are compared in time that grows with their product; they are told one after the other then. */
const linesMax = 1000;

/** What has to be taken out of some lines and put into them to get others, with as few changes as can be. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end++;
  }
  const same = (text: string): DiffLine => ({ sign: " ", text });
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  return [
    ...before.slice(0, start).map(same),
    ...(a.length > linesMax || b.length > linesMax ? allOf(a, b) : leastOf(a, b)),
    ...before.slice(before.length - end).map(same),
  ];
}

function allOf(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  return [
    ...a.map((text): DiffLine => ({ sign: "-", text })),
    ...b.map((text): DiffLine => ({ sign: "+", text })),
  ];
}

/** By the longest sequence of lines that both have. */
function leastOf(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? (longest[(i + 1) * width + j + 1] as number) + 1
          : Math.max(longest[(i + 1) * width + j] as number, longest[i * width + j + 1] as number);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", text: left });
      i++;
      j++;
      continue;
    }
    const isRemoved =
      right === undefined ||
      (left !== undefined &&
        (longest[(i + 1) * width + j] as number) >= (longest[i * width + j + 1] as number));
    if (isRemoved) lines.push({ sign: "-", text: a[i++] as string });
    else lines.push({ sign: "+", text: b[j++] as string });
  }
  return lines;
}
