import { expect, test } from "vitest";
import { LiveArea, Output } from "../../../src/cli/output/index.ts";
import { FakeStream } from "../support/fake-stream.ts";
import { screenOf } from "../support/terminal-screen.ts";

const columns = 20;

function liveArea(isTTY: boolean): { stream: FakeStream; area: LiveArea } {
  const stream = new FakeStream({ isTTY, columns });
  return { stream, area: new LiveArea(new Output(stream, "standard error", { LANG: "C.UTF-8" })) };
}

test("lines are drawn again in place", () => {
  const { stream, area } = liveArea(true);
  area.draw(["one", "two", "three"]);
  area.draw(["1", "2"]);
  expect(screenOf(stream.text, columns)).toEqual(["1", "2", ""]);
  area.draw(["one", "two", "three"]);
  expect(screenOf(stream.text, columns)).toEqual(["one", "two", "three", ""]);
});

test("messages stay, above the live lines", () => {
  const { stream, area } = liveArea(true);
  area.print("before");
  area.draw(["live 1", "live 2"]);
  area.print("message a\nmessage b");
  area.draw(["live 3", "live 4"]);
  expect(screenOf(stream.text, columns)).toEqual([
    "before",
    "message a",
    "message b",
    "live 3",
    "live 4",
    "",
  ]);
});

test("what nobody should see is taken out of all lines", () => {
  const stream = new FakeStream({ isTTY: true, columns });
  const output = new Output(stream, "standard error", { LANG: "C.UTF-8" });
  const area = new LiveArea(output, (text) => text.replaceAll("secret", "***"));
  area.draw(["a secret"]);
  area.print("one more secret");
  expect(screenOf(stream.text, columns)).toEqual(["one more ***", "a ***", ""]);
});

test("clearing leaves only what was printed", () => {
  const { stream, area } = liveArea(true);
  area.draw(["live"]);
  area.print("message");
  area.clear();
  area.print("after");
  expect(screenOf(stream.text, columns)).toEqual(["message", "after", ""]);
});

test("a line wider than the terminal is cut, since one that wraps would leave a trace", () => {
  const { stream, area } = liveArea(true);
  area.draw(["x".repeat(19), "y".repeat(20)]);
  area.draw(["z"]);
  expect(screenOf(stream.text, columns)).toEqual(["z", ""]);
  area.draw(["y".repeat(20)]);
  expect(screenOf(stream.text, columns)).toEqual([`${"y".repeat(18)}…`, ""]);
});

test("where there is no terminal, only messages are written", () => {
  const { stream, area } = liveArea(false);
  area.draw(["live"]);
  area.print("message");
  area.draw(["live"]);
  area.clear();
  expect(stream.text).toBe("message\n");
});
