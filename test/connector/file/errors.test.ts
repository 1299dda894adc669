import { expect, test } from "vitest";
import { readFailure, writeFailure } from "../../../src/connector/file/errors.ts";

function thrown(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code });
}

test.each([
  ["ENOENT", "file.not-found", "the file to read does not exist"],
  ["ENOTDIR", "file.not-found", "the file to read does not exist"],
  ["EACCES", "file.unreadable", "the file may not be read"],
  ["EPERM", "file.unreadable", "the file may not be read"],
  ["EIO", "file.unreadable", "the file cannot be read: EIO: as the system says it"],
])("reading fails with %s", (code, expected, message) => {
  const cause = thrown(code);
  const error = readFailure("/a/b", cause);
  expect(error).toMatchObject({ code: expected, message, where: { file: "/a/b" }, cause });
  expect(error.category).toBe("environment");
  expect(error.hint).toBeTruthy();
});

test.each([
  ["ENOENT", "the folder of the file to write does not exist"],
  ["ENOTDIR", "the folder of the file to write does not exist"],
  ["EISDIR", "the path to write leads to a folder"],
  ["EACCES", "the file may not be written"],
  ["EROFS", "the file may not be written"],
  ["ENOSPC", "no space is left on the disk"],
  ["EIO", "the file cannot be written: EIO: as the system says it"],
])("writing fails with %s", (code, message) => {
  const cause = thrown(code);
  const error = writeFailure("/a/b", cause);
  expect(error).toMatchObject({ code: "file.unwritable", message, where: { file: "/a/b" }, cause });
  expect(error.category).toBe("environment");
  expect(error.hint).toBeTruthy();
});
