import { resolve } from "node:path";
import { expect, test } from "vitest";
import { topicFolderOf } from "../../src/cli/topic-folder.ts";

test("the option goes before the environment, and that before the usual folder", () => {
  const environment = { MILLRACE_TOPICS: "/var/lib/millrace" };
  expect(topicFolderOf("topics", environment)).toEqual({ path: resolve("topics"), namedBy: "--topics" });
  expect(topicFolderOf(undefined, environment)).toEqual({
    path: "/var/lib/millrace",
    namedBy: "MILLRACE_TOPICS",
  });
  expect(topicFolderOf(undefined, {})).toEqual({ path: resolve(".millrace"), namedBy: undefined });
  expect(topicFolderOf(undefined, { MILLRACE_TOPICS: "" }).namedBy).toBeUndefined();
});
