import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { readAll, readOne, shown, valuesOf } from "../../../src/conformance/index.ts";
import type { ConnectorContext } from "../../../src/connector/index.ts";
import { formatWhere, MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import type { Source } from "../../../src/pipeline/index.ts";
import { FrameBuffer } from "../../../src/record/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sourceOf } from "../support/open-connector.ts";
import { testContext } from "../support/test-context.ts";
import { serve, unusedUrl, type WebServer } from "../support/web-server.ts";

const never = new AbortController().signal;

function status(response: ServerResponse, code: number): void {
  response.writeHead(code).end("no record");
}

/** A server whose answers to one request after another are given by functions; the last one repeats. */
function serveInTurn(...answers: ((response: ServerResponse) => void)[]): Promise<WebServer> {
  let turn = 0;
  return serve((response) => answers[Math.min(turn++, answers.length - 1)]!(response));
}

async function open(settings: object, context: ConnectorContext, extract?: unknown): Promise<Source> {
  const source = await sourceOf("http-source", settings, context, extract);
  await source.open(undefined);
  return source;
}

async function failureOf(source: Source): Promise<MillraceError> {
  const error: unknown = await readAll(source).catch((thrown: unknown) => thrown);
  if (!MillraceError.is(error)) throw new Error("the source did not fail as it should", { cause: error });
  return error;
}

/** A context whose retries do not wait. */
function once(): ReturnType<typeof testContext<{ once: true }>> {
  return testContext({ once: true, random: () => 0 });
}

describe("a poll", () => {
  test("sends what the settings say", async () => {
    const server = await serve((response) => response.end("ok"));
    const endpoint = server.url.replace("//", "//user:pass%20word@");
    const headers = ["X-One:1", "x-two :  a:b "];
    const settings = {
      endpoint: `${endpoint}path?q=1`,
      method: "put",
      body: "text",
      headers,
      user_agent: "me/1",
    };
    await readAll(await open(settings, once()));
    const request = server.requests[0]!;
    expect([request.method, request.url, server.bodies[0]]).toEqual(["PUT", "/path?q=1", "text"]);
    expect(request.headers).toMatchObject({
      "x-one": "1",
      "x-two": "a:b",
      "user-agent": "me/1",
      authorization: `Basic ${Buffer.from("user:pass word").toString("base64")}`,
    });
  });

  test("names its agent, unless a header does", async () => {
    const server = await serve((response) => response.end());
    await readAll(await open({ endpoint: server.url }, once()));
    await readAll(await open({ endpoint: server.url, "user-agent": "a" }, once()));
    await readAll(
      await open({ endpoint: server.url, headers: ["User-Agent: b", "Authorization: c"] }, once()),
    );
    expect(server.requests.map(({ headers }) => headers["user-agent"])).toEqual(["millrace", "a", "b"]);
  });

  test("gives the body as one record, with the time of the poll and no position", async () => {
    const server = await serve((response) => response.end('{"a":\n1}'));
    const clock = new ManualClock();
    const source = await open({ endpoint: server.url }, testContext({ clock }));
    const reading = await source.read(new FrameBuffer(), never);
    expect(reading).toMatchObject({ rejections: [], position: undefined });
    expect(reading!.frame).toMatchObject({ recordCount: 1, baseTimestamp: clock.now() });
    expect(source.locate(reading!.frame, 0)).toEqual({ url: server.url });
  });

  test("of an empty body gives an empty record", async () => {
    const server = await serve((response) => response.writeHead(204).end());
    expect(shown(valuesOf(await readAll(await open({ endpoint: server.url }, once()))))).toEqual([""]);
  });

  test.each([
    [{ output_type: "json" }, '{"body":"{\\"a\\":\\"é\\"}"}'],
    [{ output_parts: "full" }, 'HTTP/1.1 201 Created\nx-a: 1\nx-b: 2\nx-b: 3\n\n{"a":"é"}'],
    [
      { output_parts: "full", output_type: "json" },
      '{"status":{"version":"HTTP/1.1","code":201,"string":"Created"},"header":{"x-a":"1","x-b":["2","3"]},"body":"{\\"a\\":\\"é\\"}"}',
    ],
  ])("gives records in Fluvio's forms: %j", async (settings, expected) => {
    const server = await serve((response) => {
      response.sendDate = false;
      response.writeHead(201, { "x-a": "1", "x-b": ["2", "3"] }).end('{"a":"é"}');
    });
    const [value] = valuesOf(await readAll(await open({ endpoint: server.url, ...settings }, once())));
    const text = Buffer.from(value!).toString();
    // The connection's own headers are not of interest here.
    expect(
      text.replace(/[,\n]"?(connection|keep-alive|transfer-encoding|content-length)"?: ?"?[^"\n]*"?/gi, ""),
    ).toBe(expected);
  });

  test("takes the elements of an array as they stand, and names each by its pointer", async () => {
    const server = await serve((response) => response.end('{"features":[{"a": 1},\n [2]]}'));
    const endpoint = `${server.url}#section`;
    const source = await open({ endpoint }, once(), { "json-array": "/features" });
    const reading = await source.read(new FrameBuffer(), never);
    expect(reading!.frame.recordCount).toBe(2);
    expect(formatWhere(source.locate(reading!.frame, 1))).toBe(`${server.url}#/features/1`);
    expect(await readOne(source)).toBeUndefined();
    const again = await open({ endpoint: server.url }, once(), { "json-array": "/features" });
    expect(shown(valuesOf(await readAll(again)))).toEqual(['{"a": 1}', "[2]"]);
  });

  test("of an array without elements gives nothing", async () => {
    const server = await serve((response) => response.end("[]"));
    const source = await open({ endpoint: server.url }, once(), { "json-array": "" });
    expect(await readOne(source)).toBeUndefined();
    expect(server.requests).toHaveLength(1);
  });

  test("splits a large document into several readings", async () => {
    const elements = Array.from(
      { length: 30_000 },
      (_, index) => `{"index":${index},"text":"${"x".repeat(100)}"}`,
    );
    const server = await serve((response) => response.end(`[${elements.join(",")}]`));
    const source = await open({ endpoint: server.url }, once(), { "json-array": "" });
    const readings = await readAll(source);
    expect(shown(valuesOf(readings))).toEqual(elements);
    expect(readings.length).toBe(Math.ceil(elements.join(",").length / limits.batchBytes.default));
  });

  test("rejects an element over recordBytesMax, and goes on", async () => {
    const edge = limits.recordBytesMax.default;
    const fits = `"${"x".repeat(edge - 2)}"`;
    const large = `"${"y".repeat(edge - 1)}"`;
    const server = await serve((response) => response.end(`[1,${fits},${large},${large},2]`));
    const source = await open({ endpoint: server.url }, once(), { "json-array": "" });
    const given: (string | number)[] = [];
    for (let reading = await source.read(new FrameBuffer(), never); reading; ) {
      for (const { where, code, sample } of reading.rejections) {
        expect(sample).toHaveLength(limits.sampleBytesMax.default);
        given.push(`${formatWhere(where)} ${code}`);
      }
      given.push(reading.frame.recordCount);
      reading = await source.read(new FrameBuffer(), never);
    }
    expect(given).toEqual([
      1,
      1,
      `${server.url}#/2 record.too-large`,
      `${server.url}#/3 record.too-large`,
      1,
    ]);
  });

  test("rejects a whole body over recordBytesMax", async () => {
    const server = await serve((response) =>
      response.end(Buffer.alloc(limits.recordBytesMax.default + 1, "z")),
    );
    const source = await open({ endpoint: server.url }, once());
    const reading = await source.read(new FrameBuffer(), never);
    expect(reading!.frame.recordCount).toBe(0);
    expect(reading!.rejections).toMatchObject([{ code: "record.too-large", where: { url: server.url } }]);
    expect(await readOne(source)).toBeUndefined();
  });

  test("refuses a body that is announced to pass responseBytesMax without reading it", async () => {
    const server = await serve((response) => {
      response.writeHead(200, { "content-length": limits.responseBytesMax.default + 1 });
      response.write("x");
    });
    const error = await failureOf(await open({ endpoint: server.url }, once()));
    expect(error).toMatchObject({ code: "http.too-large", where: { url: server.url } });
    expect(server.requests).toHaveLength(1);
  });
});

describe("once: a poll that fails is an error", () => {
  test("a port on which nothing listens, after a few attempts", async () => {
    const url = await unusedUrl();
    const context = once();
    const error = await failureOf(await open({ endpoint: url }, context));
    expect(error).toMatchObject({ code: "http.unreachable", category: "environment", where: { url } });
    expect(error.message).toBe("GET failed: nothing listens there (connection refused)");
    expect(error.hint).toContain("http.endpoint");
    expect(context.log.shown).toHaveLength(1);
  });

  test("a server error, after pollAttemptsMax attempts", async () => {
    const server = await serve((response) => status(response, 503));
    const error = await failureOf(await open({ endpoint: server.url }, once()));
    expect(error).toMatchObject({ code: "http.status", category: "environment", where: { url: server.url } });
    expect(error.message).toBe("GET was answered with 503 Service Unavailable");
    expect(server.requests).toHaveLength(limits.pollAttemptsMax.default);
  });

  test("a server error that is over at the last attempt is none", async () => {
    const failing = (response: ServerResponse): void => status(response, 500);
    const server = await serveInTurn(failing, failing, (response) => response.end("there"));
    expect(shown(valuesOf(await readAll(await open({ endpoint: server.url }, once()))))).toEqual(["there"]);
  });

  test.each([
    [404, "GET was answered with 404 Not Found", "check `http.endpoint`"],
    [401, "GET was answered with 401 Unauthorized", "check the credentials in `http.headers`"],
    [
      304,
      "GET was answered with 304 Not Modified",
      "check `http.endpoint`, `http.method` and `http.headers`",
    ],
  ])("status %i, at once, since it will be the same again", async (code, message, hint) => {
    const server = await serve((response) => status(response, code));
    const error = await failureOf(await open({ endpoint: server.url }, once()));
    expect(error).toMatchObject({ code: "http.status", message, hint });
    expect(server.requests).toHaveLength(1);
  });

  test("a connection that is cut in the middle of the body", async () => {
    const server = await serve((response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });
    const error = await failureOf(await open({ endpoint: server.url }, once()));
    expect(error).toMatchObject({ code: "http.unreachable", where: { url: server.url } });
    expect(server.requests).toHaveLength(limits.pollAttemptsMax.default);
  });

  test("a body that is not JSON, with the place in it", async () => {
    const server = await serve((response) => response.end("<!doctype html>\n<html>"));
    const error = await failureOf(
      await open({ endpoint: server.url }, once(), { "json-array": "/features" }),
    );
    expect(error).toMatchObject({ code: "json.invalid", where: { url: server.url } });
    expect(error.message).toBe(
      'the answer cannot be used: not JSON at byte 0 (1:1): expected a value, found "<" in `<!doctype html> <html>`',
    );
    expect(error.hint).toContain("millrace.extract");
    expect(server.requests).toHaveLength(1);
  });

  test("a body that breaks off, before any record of it is given", async () => {
    const server = await serve((response) => response.end('{"features":[1,2,3'));
    const source = await open({ endpoint: server.url }, once(), { "json-array": "/features" });
    expect(await failureOf(source)).toMatchObject({ code: "json.invalid" });
  });

  test("a pointer that leads nowhere, with what may be meant", async () => {
    const server = await serve((response) => response.end('{"features":[]}'));
    const error = await failureOf(await open({ endpoint: server.url }, once(), { "json-array": "/feature" }));
    expect(error).toMatchObject({
      code: "json.pointer",
      where: { url: server.url },
      hint: "did you mean /features?",
    });
  });

  test("an answer that does not come in time", async () => {
    const clock = new ManualClock();
    const server = await serve(() => {});
    const source = await open({ endpoint: server.url, timeout: "5s" }, testContext({ clock }));
    const failure = failureOf(source);
    for (let attempt = 1; attempt <= limits.pollAttemptsMax.default; attempt++) {
      await server.requested(attempt);
      clock.advance(5000);
      if (attempt === limits.pollAttemptsMax.default) break;
      await clock.sleeping(0);
      clock.advance(0);
    }
    expect(await failure).toMatchObject({
      code: "http.unreachable",
      message: "GET had no whole answer within 5000 ms",
      where: { url: server.url },
    });
  });
});

describe("again and again", () => {
  test("polls go from start to start, not from end to start", async () => {
    const clock = new ManualClock();
    let turn = 0;
    const server = await serve((response) => {
      clock.advance(3000);
      response.end(String(turn++));
    });
    const source = await open({ endpoint: server.url, interval: "10s" }, testContext({ once: false, clock }));
    expect(shown((await readOne(source))!.values)).toEqual(["0"]);
    const second = readOne(source);
    await clock.sleeping(7000);
    expect(server.requests).toHaveLength(1);
    clock.advance(7000);
    expect(shown((await second)!.values)).toEqual(["1"]);
    await source.close();
  });

  test("a poll that takes longer than the interval is followed by the next at once", async () => {
    const clock = new ManualClock();
    const server = await serve((response) => {
      clock.advance(12_000);
      response.end("x");
    });
    const source = await open({ endpoint: server.url, interval: "10s" }, testContext({ once: false, clock }));
    await readOne(source);
    await readOne(source);
    expect(server.requests).toHaveLength(2);
  });

  test("polls that bring nothing are passed over", async () => {
    const clock = new ManualClock();
    const server = await serveInTurn(
      (response) => response.end("[]"),
      (response) => response.end("[1]"),
    );
    const source = await open({ endpoint: server.url, interval: "1s" }, testContext({ once: false, clock }), {
      "json-array": "",
    });
    const reading = readOne(source);
    await clock.sleeping(1000);
    clock.advance(1000);
    expect(shown((await reading)!.values)).toEqual(["1"]);
  });

  test("a poll that fails is tried again with growing delays, and gives no record", async () => {
    const clock = new ManualClock();
    const failing = (response: ServerResponse): void => status(response, 500);
    const server = await serveInTurn(failing, failing, failing, (response) => response.end("back"), failing);
    const almostOne = 1 - 2 ** -53;
    const context = testContext({ once: false, clock, random: () => almostOne });
    const source = await open({ endpoint: server.url, interval: "10s" }, context);
    const first = limits.retryFirstDelayMsMax.default;
    const reading = readOne(source);
    for (const delay of [first, first * 2, first * 4]) {
      await clock.sleeping(delay);
      clock.advance(delay);
    }
    expect(shown((await reading)!.values)).toEqual(["back"]);
    // After a success the delays begin anew.
    const stop = new AbortController();
    const next = readOne(source, stop.signal);
    await clock.sleeping(10_000);
    clock.advance(10_000);
    await clock.sleeping(first);
    stop.abort();
    expect(await next).toBeUndefined();
  });

  test("each reason is reported once, and so is the end of it", async () => {
    const answers = [500, 500, 500, 404, 404, 200, 404, 200].map((code) => (response: ServerResponse) => {
      status(response, code);
    });
    const server = await serveInTurn(...answers);
    const context = testContext({ once: false, clock: new ManualClock(1000) });
    const source = await open({ endpoint: server.url, interval: "1ms" }, context);
    await readOne(source);
    await readOne(source);
    expect(context.log.shown.map((line) => line.replace(`${server.url}: `, ""))).toEqual([
      "warn: GET was answered with 500 Internal Server Error (the fault is with the server: try again later, or look into its log); trying again, with growing delays",
      "warn: GET was answered with 404 Not Found (check `http.endpoint`); trying again, with growing delays",
      "info: recovered after 5 failed polls",
      "warn: GET was answered with 404 Not Found (check `http.endpoint`); trying again, with growing delays",
      "info: recovered after 1 failed poll",
    ]);
  });

  test("answers that are not JSON are one reason, wherever they break off", async () => {
    const server = await serveInTurn(
      (response) => response.end("[1,"),
      (response) => response.end("[1,2,"),
      (response) => response.end('{"a":1}'),
      (response) => response.end("[3]"),
    );
    const context = testContext({ once: false, clock: new ManualClock(1000) });
    const source = await open({ endpoint: server.url }, context, { "json-array": "" });
    const reading = readOne(source);
    expect(shown((await reading)!.values)).toEqual(["3"]);
    expect(context.log.shown.map((line) => line.split(":")[0])).toEqual(["warn", "warn", "info"]);
  });

  test("a server that is not there yet is waited for", async () => {
    const url = await unusedUrl();
    const context = testContext({ once: false, clock: new ManualClock() });
    const source = await open({ endpoint: url }, context);
    const reading = readOne(source);
    await context.log.until(1);
    await context.clock.sleeping(0);
    await serve((response) => response.end("now"), Number(new URL(url).port));
    context.clock.advance(0);
    expect(shown((await reading)!.values)).toEqual(["now"]);
    expect(context.log.shown.at(-1)).toBe(`info: ${url}: recovered after 1 failed poll`);
  });
});

describe("told to stop", () => {
  test.each([
    ["while the answer is waited for", () => {}],
    ["in the middle of the body", (response: ServerResponse) => void response.write("half")],
  ])("%s, a read ends and the request is given up", async (_when, answer) => {
    const clock = new ManualClock();
    const closed: Promise<void>[] = [];
    const server = await serve((response) => {
      closed.push(new Promise((resolve) => response.once("close", resolve)));
      answer(response);
    });
    const source = await open({ endpoint: server.url }, testContext({ once: false, clock }));
    const stop = new AbortController();
    const reading = readOne(source, stop.signal);
    await server.requested(1);
    stop.abort();
    expect(await reading).toBeUndefined();
    await closed[0];
    // Nothing is left that would keep the process alive.
    expect(clock.sleeps).toEqual([]);
    await source.close();
  });

  test("between two polls, a read ends", async () => {
    const clock = new ManualClock();
    const server = await serve((response) => response.end("x"));
    const source = await open({ endpoint: server.url }, testContext({ once: false, clock }));
    await readOne(source);
    const stop = new AbortController();
    const reading = readOne(source, stop.signal);
    await clock.sleeping(10_000);
    stop.abort();
    expect(await reading).toBeUndefined();
    expect(server.requests).toHaveLength(1);
  });

  test("with once, a stop is no failure", async () => {
    const server = await serve(() => {});
    const context = once();
    const source = await open({ endpoint: server.url }, context);
    const stop = new AbortController();
    const reading = readOne(source, stop.signal);
    await server.requested(1);
    stop.abort();
    expect(await reading).toBeUndefined();
    expect(context.log.lines).toEqual([]);
  });
});
