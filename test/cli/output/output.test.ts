import { expect, test } from "vitest";
import { Output } from "../../../src/cli/output/index.ts";
import { FakeStream } from "../support/fake-stream.ts";

test("writing to a reader that has gone ends quietly, and is told by the signal", async () => {
  let code: string | undefined;
  const stream = new FakeStream({ failsWith: () => code });
  const output = new Output(stream, "standard output", {});
  await output.write("one\n");
  expect(output.closed.aborted).toBe(false);
  code = "EPIPE";
  await output.write("two\n");
  expect(output.closed.aborted).toBe(true);
  code = undefined;
  await output.write("three\n");
  expect(stream.text).toBe("one\n");
});

test("any other failure is the writer's to hear", async () => {
  const output = new Output(new FakeStream({ failsWith: () => "ENOSPC" }), "standard output", {});
  await expect(output.write("one\n")).rejects.toMatchObject({
    code: "file.unwritable",
    message: "standard output cannot be written: write ENOSPC",
  });
  expect(output.closed.aborted).toBe(false);
});

test("what is only said never fails", async () => {
  const output = new Output(new FakeStream({ failsWith: () => "ENOSPC" }), "standard error", {});
  output.say("one\n");
  // An unhandled rejection would fail this test when it gets its turn.
  await new Promise((resolve) => setImmediate(resolve));
});

test.each([
  [120, 120],
  [undefined, 80],
  [0, 80],
])("a terminal of %s columns is taken to have %d", (columns, taken) => {
  const stream = new FakeStream({ isTTY: true, columns });
  expect(new Output(stream, "standard error", {}).columns).toBe(taken);
});
