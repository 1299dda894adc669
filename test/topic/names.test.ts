import { expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { checkHolderName, checkTopicName } from "../../src/topic/names.ts";
import { codeOf } from "../conformance/topic.ts";

test("names have at most topicNameCharactersMax characters", async () => {
  const longest = "n".repeat(limits.topicNameCharactersMax.default);
  for (const check of [checkTopicName, (name: string) => checkHolderName("pipeline", name)]) {
    expect(await codeOf(() => check(longest))).toBe("no error");
    expect(await codeOf(() => check(`${longest}n`))).toBe("topic.name");
  }
});

test("a name's control characters do not get into the message about it", async () => {
  for (const name of ["t\0", "\u001b[2J", "a\nb"]) {
    expect(() => checkTopicName(name)).toThrow(JSON.stringify(name));
  }
});
