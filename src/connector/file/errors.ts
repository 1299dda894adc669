import { dirname } from "node:path";
import { MillraceError, messageOf } from "../../errors.ts";

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}

/** What an operation that reads a file threw, in plain words. */
export function readFailure(path: string, thrown: unknown): MillraceError {
  const where = { file: path };
  switch (codeOf(thrown)) {
    case "ENOENT":
    case "ENOTDIR":
      return new MillraceError("file.not-found", "the file to read does not exist", {
        where,
        hint: "check `path`; a relative path counts from the folder of the config",
        cause: thrown,
      });
    case "EACCES":
    case "EPERM":
      return new MillraceError("file.unreadable", "the file may not be read", {
        where,
        hint: `give this user the right to read it, for example with \`chmod u+r ${path}\``,
        cause: thrown,
      });
    default:
      return new MillraceError("file.unreadable", `the file cannot be read: ${messageOf(thrown)}`, {
        where,
        hint: "nothing is lost: run again when this is mended, and reading goes on where it stopped",
        cause: thrown,
      });
  }
}

/** What an operation that writes a file threw, in plain words. */
export function writeFailure(path: string, thrown: unknown): MillraceError {
  const where = { file: path };
  const unwritable = (message: string, hint: string): MillraceError =>
    new MillraceError("file.unwritable", message, { where, hint, cause: thrown });
  switch (codeOf(thrown)) {
    case "ENOENT":
    case "ENOTDIR":
      return unwritable(
        "the folder of the file to write does not exist",
        `create it with \`mkdir -p ${dirname(path)}\`, or check \`path\`, which counts from the folder of the config`,
      );
    case "EISDIR":
      return unwritable("the path to write leads to a folder", "name a file in it, such as `out.ndjson`");
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return unwritable(
        "the file may not be written",
        "give this user the right to write it, or choose another path",
      );
    case "ENOSPC":
    case "EDQUOT":
      return unwritable(
        "no space is left on the disk",
        "free some space and run again; what was not written is written then",
      );
    default:
      return unwritable(
        `the file cannot be written: ${messageOf(thrown)}`,
        "nothing is lost: run again when this is mended",
      );
  }
}
