import { MillraceError, messageOf, type Where } from "../../errors.ts";

/** What the store's own books say about themselves being broken: MDB_PAGE_NOTFOUND, MDB_CORRUPTED. */
const corruptCodes: ReadonlySet<unknown> = new Set([-30797, -30796]);

const panicCode = -30795;

/** What to do about failures that people can mend, by the name or the number under which lmdb or Node report them. */
const hints: ReadonlyMap<unknown, string> = new Map(
  [
    {
      codes: ["EACCES", "EPERM", "EROFS", 13, 30],
      hint: "the folder and its files must be writable by this user, also for reading: readers write their names into lock.mdb",
    },
    {
      codes: ["ENOTDIR", "EEXIST", "EISDIR", 20, 17, 21],
      hint: "something else has the name of a folder or file of the store; give another folder",
    },
    { codes: ["ENOSPC", "EDQUOT", "EFBIG", 28, 122, 27], hint: "free space on the disk, then start again" },
    // A write that came to an end halfway, which is how lmdb reports a disk that fills up.
    {
      codes: ["EIO", 5],
      hint: "most likely the disk is full: free space, then start again; else it is failing, and the system's log says more",
    },
    { codes: ["EMFILE", "ENFILE", 24, 23], hint: "too many files are open; raise the limit (`ulimit -n`)" },
    { codes: ["ENOMEM", 12], hint: "there is no address space left for the topic's file (`ulimit -v`)" },
    { codes: [-30794], hint: "the file was written by another version of LMDB" },
    { codes: [-30790], hint: "126 processes read this topic already; end some of them" },
    {
      codes: [panicCode],
      hint: "an earlier write failed halfway; start again, nothing that was acknowledged is lost",
    },
  ].flatMap(({ codes, hint }) => codes.map((code) => [code, hint] as const)),
);

/** The error of a store that failed at something (`opening the topic`), with what a person can do about it. */
export function storeError(doing: string, thrown: unknown, where: Where): MillraceError {
  if (MillraceError.is(thrown)) return thrown;
  const code = codeOf(thrown);
  return new MillraceError(
    corruptCodes.has(code) ? "topic.corrupt" : "topic.store",
    `${doing} failed: ${messageOf(thrown)}`,
    {
      where,
      hint: corruptCodes.has(code)
        ? "the disk or another program changed the topic's file; restore it from a copy"
        : (hints.get(code) ?? "see the cause; the topic is as it was before"),
      cause: thrown,
    },
  );
}

function codeOf(thrown: unknown): unknown {
  // Reads report this one under the number of another.
  if (messageOf(thrown).includes("MDB_PANIC")) return panicCode;
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
}

/**
 * What a failed commit failed of. lmdb rejects with an error that carries a promise of the cause, which is rejected
 * in the same turn (and would end the process as an unhandled rejection), except for two causes whose numbers it
 * takes for something else.
 */
export async function causeOf(thrown: unknown): Promise<unknown> {
  if (typeof thrown !== "object" || thrown === null || !("commitError" in thrown)) return thrown;
  const cause = Promise.resolve(thrown.commitError).then(
    () => thrown,
    (error: unknown) => error,
  );
  const nothingElse = new Promise((resolve) => setImmediate(resolve, thrown));
  return Promise.race([cause, nothingElse]);
}
