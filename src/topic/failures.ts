import { nearMiss } from "../base/index.ts";
import { MillraceError } from "../errors.ts";

export function topicNotFound(name: string, location: string, present: Iterable<string>): MillraceError {
  const names = [...present];
  const guess = nearMiss(name, names);
  const others =
    names.length === 0 ? "there are no topics there" : `the topics there are ${names.join(", ")}`;
  return new MillraceError("topic.not-found", `there is no topic "${name}" in ${location}`, {
    where: { topic: name },
    hint: guess === undefined ? others : `did you mean ${guess}? ${others}`,
  });
}

/** For those who still have a topic that another process deleted. */
export function topicDeleted(name: string): MillraceError {
  return new MillraceError("topic.not-found", `the topic "${name}" was deleted`, {
    where: { topic: name },
    hint: "nothing can be read from it or stored in it any more; start again to make it anew",
  });
}

/** @param what what was used, such as `the topic "orders"` */
export function storeClosed(what: string): MillraceError {
  return new MillraceError("topic.store", `${what} was used after its store had been closed`, {
    hint: "close a store after the last pipeline that uses it has ended",
  });
}

/** The error of a topic whose own books are broken. */
export function corrupt(
  topic: string,
  offset: number | undefined,
  what: string,
  cause?: unknown,
): MillraceError {
  return new MillraceError("topic.corrupt", what, {
    where: { topic, offset },
    hint: "the disk or another program changed the topic's file; restore it from a copy",
    cause,
  });
}
