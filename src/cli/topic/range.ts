import type { TopicBounds } from "../../topic/index.ts";
import { formatCount } from "../output/index.ts";

/** Where reading begins: an offset, or one of the ends. */
export type StartPoint = "beginning" | "end" | number;

/** The offset to begin at, and what to tell people when it is not the one they asked for. */
export interface Start {
  readonly offset: number;
  readonly note?: string;
}

export function startOf(point: StartPoint, { first, next }: TopicBounds): Start {
  if (point === "beginning") return { offset: first };
  if (point === "end") return { offset: next };
  if (point < first) {
    return {
      offset: first,
      note: `records before offset ${formatCount(first)} are not kept any more; beginning there`,
    };
  }
  if (point > next) {
    return {
      offset: point,
      note: `there is no record at offset ${formatCount(point)} yet; the next one will have offset ${formatCount(next)}`,
    };
  }
  return { offset: point };
}
