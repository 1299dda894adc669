import { diffArrays } from "diff";

/** A line of a difference: in both, only in the first, only in the second. */
interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** More changes take long to find, and nobody reads them; the lines are told one after the other then. */
const changesMax = 1000;

/** What has to be taken out of some lines and put into them to get others, with as few changes as can be. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const changes = diffArrays([...before], [...after], { maxEditLength: changesMax }) ?? [
    { removed: true, added: false, value: before },
    { removed: false, added: true, value: after },
  ];
  return changes.flatMap(({ added, removed, value }) =>
    value.map((text): DiffLine => ({ sign: added ? "+" : removed ? "-" : " ", text })),
  );
}
