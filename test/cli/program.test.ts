import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { Redactor } from "../../src/base/index.ts";
import { LiveArea, Output } from "../../src/cli/output/index.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { Session } from "../../src/cli/session.ts";
import { FakeStream } from "./support/fake-stream.ts";

function sessionOf(): Session {
  const stdout = new Output(new FakeStream({}), "standard output", {});
  const stderr = new Output(new FakeStream({}), "standard error", {});
  return {
    world: {
      stdin: Readable.from([]),
      stdout: new FakeStream({}),
      stderr: new FakeStream({}),
      environment: {},
      stopSignal: () => new AbortController().signal,
    },
    stdout,
    stderr,
    redactor: new Redactor(),
    screen: new LiveArea(stderr),
    settle: () => {},
  };
}

function namesFor(words: readonly string[]): readonly string[] {
  return createProgram(sessionOf(), words).commands.map((command) => command.name());
}

const all = namesFor([]);

test.each(all.filter((name) => !name.startsWith("__")))("a call of %s makes that command alone", (name) => {
  expect(namesFor([name, "--help"]).filter((each) => !each.startsWith("__"))).toEqual([name]);
});

test("the version is told where it is asked for, also behind a command", () => {
  const flagsFor = (words: readonly string[]): readonly string[] =>
    createProgram(sessionOf(), words).options.map(({ flags }) => flags);
  for (const words of [[], ["--version"], ["test", "-V"]]) expect(flagsFor(words)).toEqual(["-V, --version"]);
  expect(flagsFor(["test"])).toEqual([]);
});

test.each([[["--help"]], [["help", "run"]], [["runn"]], [["__complete", "", "ru"]], [["toString"]]])(
  "%j needs them all",
  (words) => {
    expect(all.length).toBeGreaterThan(14);
    expect(namesFor(words)).toEqual(all);
  },
);
