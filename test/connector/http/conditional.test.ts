import { describe, expect, test } from "vitest";
import { readAll, readOne, shown, valuesOf } from "../../../src/conformance/index.ts";
import type { Position } from "../../../src/topic/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { testContext } from "../support/test-context.ts";
import { serve, type WebServer } from "../support/web-server.ts";
import { open } from "./open-source.ts";

interface State {
  body: string;
  headers: Record<string, string>;
}

/** A server that answers with 304 where the request knows its state. */
function serveState(state: State): Promise<WebServer> {
  return serve((response, request) => {
    const { etag, "last-modified": lastModified } = state.headers;
    const isKnown =
      request.headers["if-none-match"] === undefined
        ? lastModified !== undefined && request.headers["if-modified-since"] === lastModified
        : request.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : 200, state.headers).end(isKnown ? undefined : state.body);
  });
}

const array = { extract: { "json-array": "" } };

function conditions(server: WebServer): (string | undefined)[] {
  return server.requests.map(({ headers }) => headers["if-none-match"] ?? headers["if-modified-since"]);
}

/** The values and positions of all readings. */
async function readingsOf(
  settings: object,
  options: Parameters<typeof open>[2] & { readonly batchBytes?: number } = {},
): Promise<{ values: string[]; positions: (Position | undefined)[] }> {
  const source = await open(settings, testContext({ batchBytes: options.batchBytes }), options);
  const readings = await readAll(source);
  await source.close();
  return { values: shown(valuesOf(readings)), positions: readings.map(({ position }) => position) };
}

describe("a body that has not changed gives no records again", () => {
  test.each([
    ["a tag", { etag: '"1"' }, '"1"'],
    ["a weak tag", { etag: 'W/"1"' }, 'W/"1"'],
    ["a date", { "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT" }, "Mon, 01 Jan 2024 00:00:00 GMT"],
  ])("known by %s, in one run", async (_name, headers, condition) => {
    const state = { body: "one", headers };
    const server = await serveState(state);
    const clock = new ManualClock();
    const source = await open({ endpoint: server.url, interval: "1s" }, testContext({ once: false, clock }));
    expect(shown((await readOne(source))!.values)).toEqual(["one"]);
    const next = readOne(source);
    await clock.sleeping(1000);
    clock.advance(1000);
    await server.requested(2);
    await clock.sleeping(1000);
    Object.assign(state, { body: "two", headers: { etag: '"2"' } });
    clock.advance(1000);
    expect(shown((await next)!.values)).toEqual(["two"]);
    expect(conditions(server)).toEqual([undefined, condition, condition]);
    await source.close();
  });

  test("after a restart, and with once that is the end", async () => {
    const state = { body: "one", headers: { etag: '"1"', "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT" } };
    const server = await serveState(state);
    const first = await readingsOf({ endpoint: server.url });
    expect(first).toMatchObject({ values: ["one"], positions: [{ etag: '"1"' }] });
    expect(await readingsOf({ endpoint: server.url }, { position: first.positions[0] })).toEqual({
      values: [],
      positions: [],
    });
    expect(server.requests[1]!.headers).toMatchObject({
      "if-none-match": '"1"',
      "if-modified-since": "Mon, 01 Jan 2024 00:00:00 GMT",
    });
  });

  test("a poll after one that failed still asks", async () => {
    let turn = 0;
    const server = await serve((response) => {
      turn++;
      if (turn === 2) response.writeHead(500).end();
      else if (turn === 3) response.writeHead(304).end();
      else response.setHeader("etag", `"${turn}"`).end(String(turn));
    });
    const clock = new ManualClock(2000);
    const source = await open({ endpoint: server.url, interval: "1s" }, testContext({ once: false, clock }));
    expect(shown((await readOne(source))!.values)).toEqual(["1"]);
    expect(shown((await readOne(source))!.values)).toEqual(["4"]);
    expect(conditions(server)).toEqual([undefined, '"1"', '"1"', '"1"']);
    await source.close();
  });
});

describe("nothing is asked for conditionally that may not have arrived", () => {
  const elements = Array.from({ length: 1000 }, (_, index) => String(index));
  const state = (etag: string): State => ({ body: `[${elements.join(",")}]`, headers: { etag } });

  test("of several readings only the last one stands for the whole body", async () => {
    const server = await serveState(state('"a"'));
    const { positions } = await readingsOf({ endpoint: server.url }, { ...array, batchBytes: 1000 });
    expect(positions.length).toBeGreaterThan(2);
    expect(positions.map((position) => position?.taken === undefined)).toEqual(
      positions.map((_, index) => index === positions.length - 1),
    );
  });

  test("from the middle of a body the rest is given, where the body is the same", async () => {
    const server = await serveState(state('"a"'));
    const { positions, values } = await readingsOf({ endpoint: server.url }, { ...array, batchBytes: 1000 });
    expect(values).toEqual(elements);
    for (const position of positions) {
      const { values: rest } = await readingsOf({ endpoint: server.url }, { ...array, position });
      expect(rest).toEqual(elements.slice((position?.taken as number | undefined) ?? elements.length));
    }
    // Only who had all of it asks whether it has changed.
    expect(conditions(server).filter((condition) => condition !== undefined)).toEqual(['"a"']);
  });

  test("and all of it where it is another, or may be", async () => {
    const server = await serveState(state('"b"'));
    const { positions } = await readingsOf({ endpoint: server.url }, { ...array, batchBytes: 1000 });
    const position = { ...positions[0]!, etag: '"a"' };
    expect((await readingsOf({ endpoint: server.url }, { ...array, position })).values).toEqual(elements);
    const weak = await serveState(state('W/"c"'));
    const readings = await readingsOf({ endpoint: weak.url }, { ...array, batchBytes: 1000 });
    expect(readings.positions.slice(0, -1).every((each) => each === undefined)).toBe(true);
    expect(readings.positions.at(-1)).toMatchObject({ etag: 'W/"c"' });
  });

  test.each([
    ["another endpoint", { endpoint: "x" }, array],
    ["another way to take records out", {}, {}],
    ["another body", { method: "POST", body: "x" }, array],
  ])("a position that comes from %s does not count", async (_name, changes, options) => {
    const server = await serveState(state('"a"'));
    const { positions } = await readingsOf({ endpoint: server.url }, array);
    const endpoint = "endpoint" in changes ? `${server.url}${changes.endpoint}` : server.url;
    const source = await open({ ...changes, endpoint }, testContext({}), {
      ...options,
      position: positions.at(-1),
    });
    expect((await readAll(source)).length).toBeGreaterThan(0);
    expect(conditions(server)).toEqual([undefined, undefined]);
    await source.close();
  });

  test("what the config asks itself is left to it, and other methods than GET and HEAD do not ask", async () => {
    const server = await serve((response) => response.setHeader("etag", '"1"').end("x"));
    const { positions } = await readingsOf({ endpoint: server.url, method: "POST" });
    await readingsOf({ endpoint: server.url, method: "POST" }, { position: positions[0] });
    const own = { endpoint: server.url, headers: ["If-None-Match: mine"] };
    const second = await readingsOf(own);
    await readingsOf(own, { position: second.positions[0] });
    expect(conditions(server)).toEqual([undefined, undefined, "mine", "mine"]);
  });
});
