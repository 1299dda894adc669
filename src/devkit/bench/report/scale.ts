/** Places of values along an axis, and the values that are marked on it. */
export interface Scale {
  readonly marks: readonly number[];
  at(value: number): number;
}

const marksWanted = 5;

/** @param marks where they are given; the scale ends at the first and the last of them where they lie further out */
export function scaleOf(
  kind: "linear" | "logarithmic",
  values: readonly number[],
  from: number,
  to: number,
  marks?: readonly number[],
): Scale {
  const finite = values.filter((value) => Number.isFinite(value) && (kind === "linear" || value > 0));
  const least = Math.min(...finite, ...(marks ?? []));
  const most = Math.max(...finite, ...(marks ?? []));
  const own = marks ?? (kind === "linear" ? roundMarks(least, most) : powerMarks(least, most));
  const low = Math.min(own[0] ?? least, kind === "linear" ? least : (own[0] ?? least));
  const high = Math.max(own.at(-1) ?? most, kind === "linear" ? most : (own.at(-1) ?? most));
  const position = kind === "linear" ? (value: number): number => value : Math.log10;
  const [start, end] = [position(low), position(high)];
  const span = end - start || 1;
  return {
    marks: own,
    at: (value) => from + ((position(Math.min(Math.max(value, low), high)) - start) / span) * (to - from),
  };
}

/** Round numbers from the one below the least to the one above the most. */
function roundMarks(least: number, most: number): readonly number[] {
  if (!(most > least)) return Number.isFinite(most) ? [Math.min(0, least), most === 0 ? 1 : most] : [0, 1];
  const rough = (most - least) / marksWanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  const marks: number[] = [];
  for (let i = Math.floor(least / step); (i - 1) * step < most; i++) marks.push(i * step);
  return marks;
}

/** Powers of ten around the values. */
function powerMarks(least: number, most: number): readonly number[] {
  if (!Number.isFinite(least) || !Number.isFinite(most)) return [1, 10];
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(most) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}
