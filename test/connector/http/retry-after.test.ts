import { describe, expect, test } from "vitest";
import { readAll, readOne, shown } from "../../../src/conformance/index.ts";
import { retryAfterMs } from "../../../src/connector/http/retry-after.ts";
import { limits } from "../../../src/limits.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { testContext } from "../support/test-context.ts";
import { open, serveInTurn } from "./open-source.ts";

const now = Date.UTC(2024, 0, 1);

test.each<[string | undefined, number | undefined]>([
  ["0", 0],
  ["120", 120_000],
  [" 7 ", 7000],
  ["Mon, 01 Jan 2024 00:00:30 GMT", 30_000],
  ["Monday, 01-Jan-24 00:00:30 GMT", 30_000],
  ["Mon Jan  1 00:00:30 2024", 30_000],
  ["Sun, 31 Dec 2023 23:59:00 GMT", 0],
  [undefined, undefined],
  ["", undefined],
  ["soon", undefined],
  ["1.5", undefined],
  ["-1", undefined],
  ["2024-01-01", undefined],
])("Retry-After: %j", (value, expected) => {
  expect(retryAfterMs(value, now)).toBe(expected);
});

test("no server is left alone for longer than retryAfterMsMax", () => {
  const edge = limits.retryAfterMsMax.default;
  expect(retryAfterMs(String(edge / 1000), now)).toBe(edge);
  expect(retryAfterMs(String(edge / 1000 + 1), now)).toBe(edge);
  expect(retryAfterMs("9".repeat(400), now)).toBe(edge);
  expect(retryAfterMs("Mon, 01 Jan 2999 00:00:30 GMT", now)).toBe(edge);
});

describe("a server that asks to be left alone", () => {
  test.each([429, 503])("with %i, is", async (status) => {
    const clock = new ManualClock();
    const server = await serveInTurn(
      (response) => response.writeHead(status, { "retry-after": "77" }).end(),
      (response) => response.end("there"),
    );
    const context = testContext({ once: false, clock });
    const reading = open({ endpoint: server.url }, context).then((source) => readOne(source));
    await clock.sleeping(77_000);
    expect(context.log.shown[0]).toContain("trying again, not before 77 s have passed, as the server asks");
    clock.advance(76_999);
    expect(server.requests).toHaveLength(1);
    clock.advance(1);
    expect(shown((await reading)!.values)).toEqual(["there"]);
  });

  test("for longer than somebody who waits for the end would like, is a failure with once", async () => {
    const edge = limits.retryDelayMsMax.default / 1000;
    const clock = new ManualClock();
    const answer = (seconds: number) =>
      serveInTurn((response) => response.writeHead(503, { "retry-after": String(seconds) }).end());
    const late = await open({ endpoint: (await answer(edge + 1)).url }, testContext({ clock }));
    await expect(readAll(late)).rejects.toMatchObject({ code: "http.status" });
    expect(clock.sleeps).toEqual([]);
    const server = await answer(edge);
    const failing = readAll(await open({ endpoint: server.url }, testContext({ clock })));
    const failure = expect(failing).rejects.toMatchObject({ code: "http.status" });
    for (let attempt = 1; attempt < limits.pollAttemptsMax.default; attempt++) {
      await clock.sleeping(edge * 1000);
      clock.advance(edge * 1000);
    }
    await failure;
  });
});
