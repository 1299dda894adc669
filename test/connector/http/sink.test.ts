import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { utf8 } from "../../../src/base/index.ts";
import { discard } from "../../../src/connector/http/discard.ts";
import type { ConnectorContext } from "../../../src/connector/index.ts";
import { MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import type { Sink } from "../../../src/pipeline/index.ts";
import { Batch, frameOf, type RecordInput } from "../../../src/record/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sinkOf } from "../support/open-connector.ts";
import { testContext } from "../support/test-context.ts";
import { serve, unusedUrl } from "../support/web-server.ts";
import { serveInTurn } from "./open-source.ts";

const nowhere = { source: undefined };

async function open(settings: object, changes: Partial<ConnectorContext> = {}): Promise<Sink> {
  const sink = await sinkOf("http-sink", settings, testContext({ topic: "orders", ...changes }));
  await sink.open();
  onTestFinished(() => sink.close());
  return sink;
}

function batchOf(...records: (RecordInput | string)[]): Batch {
  return Batch.of(frameOf(records, { offset: 40 }));
}

function answerWith(
  status: number,
  headers: Record<string, string> = {},
): (response: ServerResponse) => void {
  return (response) => void response.writeHead(status, headers).end("geheim");
}

async function failureOf(writing: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await writing.catch((thrown: unknown) => thrown);
  if (!MillraceError.is(error)) throw new Error("it did not fail as it should", { cause: error });
  return error;
}

describe("a record", () => {
  test("is the body of a request, with what the settings say", async () => {
    const server = await serve((response) => response.end());
    const sink = await open({
      endpoint: server.url.replace("//", "//user:pass@"),
      headers: ["Content-Type: application/json", "X-One: 1"],
      user_agent: "me/1",
    });
    expect(await sink.write(batchOf('{"a":1}', ""), nowhere)).toEqual([]);
    expect(server.bodies).toEqual(['{"a":1}', ""]);
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "POST"]);
    expect(server.requests[0]!.headers).toMatchObject({
      "content-type": "application/json",
      "content-length": "7",
      "x-one": "1",
      "user-agent": "me/1",
      authorization: `Basic ${Buffer.from("user:pass").toString("base64")}`,
      "idempotency-key": "orders/40",
    });
    expect(server.requests[1]!.headers).toMatchObject({
      "content-length": "0",
      "idempotency-key": "orders/41",
    });
  });

  test("has a type that claims nothing, where the settings name none", async () => {
    const server = await serve((response) => response.end());
    for (const batch of ["record", "lines", "json-array"]) {
      await (await open({ endpoint: server.url, method: "put", batch })).write(batchOf("1"), nowhere);
    }
    expect(server.requests.map(({ method, headers }) => [method, headers["content-type"]])).toEqual([
      ["PUT", "application/octet-stream"],
      ["PUT", "application/x-ndjson"],
      ["PUT", "application/json"],
    ]);
  });

  test("goes out over a connection that is kept", async () => {
    const sockets = new Set<Socket>();
    const server = await serve((response, request) => {
      sockets.add(request.socket);
      response.end("ok");
    });
    await (await open({ endpoint: server.url })).write(batchOf("1", "2", "3"), nowhere);
    expect([server.requests.length, sockets.size]).toEqual([3, 1]);
  });

  test("goes out again at once where the server closed the kept connection meanwhile", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      let isFirst = true;
      socket.on("data", () => {
        if (isFirst) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        else if (sockets.length === 1) socket.destroy();
        isFirst = false;
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const context = testContext({ clock: new ManualClock() });
    const sink = await open(
      { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
      context,
    );
    expect(await sink.write(batchOf("1", "2"), nowhere)).toEqual([]);
    expect(sockets).toHaveLength(2);
    await sink.close();
    for (const socket of sockets) socket.destroy();
  });

  test("may bring its key and headers along", async () => {
    const server = await serve((response) => response.end());
    const sink = await open({ endpoint: server.url, key_header: "X-Key", header_prefix: "X-Record-" });
    const headers = [
      { name: "Trace", value: utf8("é") },
      { name: "Trace", value: utf8("2") },
    ];
    await sink.write(batchOf({ key: "k", value: "1", headers }, { value: "2" }), nowhere);
    const [first, second] = server.requests;
    expect(first!.headers).toMatchObject({
      "x-key": "k",
      "x-record-trace": `${Buffer.from("é").toString("latin1")}, 2`,
    });
    expect(second!.headers["x-key"]).toBeUndefined();
  });

  test.each<[string, RecordInput]>([
    ["a key with a line end", { value: "x", key: "a\r\nEvil: 1" }],
    ["a key with a null byte", { value: "x", key: "a\0b" }],
    ["a key with a blank that would be lost", { value: "x", key: " a" }],
    ["a header with a line end", { value: "x", headers: [{ name: "a", value: utf8("1\nEvil: 1") }] }],
    ["a header whose name is none", { value: "x", headers: [{ name: "a: 1\r\nEvil", value: utf8("1") }] }],
    ["a header that the config sets", { value: "x", headers: [{ name: "Own", value: utf8("1") }] }],
    ["a header that would name the record", { value: "x", headers: [{ name: "Key", value: utf8("1") }] }],
  ])("with %s is refused, and injects nothing", async (_name, record) => {
    const server = await serve((response) => response.end());
    const sink = await open({
      endpoint: server.url,
      headers: ["X-Own: geheim"],
      key_header: "X-Key",
      header_prefix: "X-",
    });
    const refused = await sink.write(batchOf("before", record, "after"), nowhere);
    expect(refused).toMatchObject([{ origin: 1, by: "http-sink", code: "record.header" }]);
    expect(refused[0]!.message).not.toMatch(/[\r\n]/);
    expect(refused[0]!.message).not.toContain("geheim");
    expect(server.bodies).toEqual(["before", "after"]);
  });

  test("that a module expanded has a number for each of its parts", async () => {
    const server = await serve((response) => response.end());
    const batch = batchOf("ab", "c");
    const columns = batch.scratch();
    const larger = batch.expansion(undefined, 0, 3);
    const [at = 0] = batch.columns.values;
    const [secondAt = 0] = batch.columns.values.subarray(2);
    larger.origins?.set([0, 0, 1]);
    larger.values.set([at, 1, at + 1, 1, secondAt, 1]);
    batch.adopt(larger, 3);
    expect(columns).toBeDefined();
    await (await open({ endpoint: server.url })).write(batch, nowhere);
    expect(server.bodies).toEqual(["a", "b", "c"]);
    expect(server.requests.map(({ headers }) => headers["idempotency-key"])).toEqual([
      "orders/40",
      "orders/40/1",
      "orders/41",
    ]);
  });

  test("is not named where nobody wants that, or nothing is known", async () => {
    const server = await serve((response) => response.end());
    await (await open({ endpoint: server.url, idempotency_header: false })).write(batchOf("1"), nowhere);
    await (await open({ endpoint: server.url }, { topic: undefined })).write(batchOf("2"), nowhere);
    await (await open({ endpoint: server.url })).write(Batch.of(frameOf(["3"])), nowhere);
    await (await open({ endpoint: server.url, idempotency_header: "X-Id" })).write(batchOf("4"), nowhere);
    expect(server.requests.map(({ headers }) => headers["idempotency-key"] ?? headers["x-id"])).toEqual([
      undefined,
      undefined,
      undefined,
      "orders/40",
    ]);
  });
});

describe("many records in one request", () => {
  test.each([
    ["lines", "1\n2\n", "3\n"],
    ["json-array", "[1,2]", "[3]"],
  ])("as %s, as many as batch_records", async (batch, ...bodies) => {
    const server = await serve((response) => response.end());
    const sink = await open({ endpoint: server.url, batch, batch_records: 2 });
    expect(await sink.write(batchOf("1", "2", "3"), nowhere)).toEqual([]);
    expect(server.bodies).toEqual(bodies);
    expect(server.requests.map(({ headers }) => headers["idempotency-key"])).toEqual([
      "orders/40-41",
      "orders/42",
    ]);
  });

  test("as many as batch_bytes, and a larger one alone", async () => {
    const server = await serve((response) => response.end());
    for (const batch of ["lines", "json-array"]) {
      const sink = await open({ endpoint: server.url, batch, batch_bytes: 9 });
      await sink.write(batchOf("111", "222", "3", "444444444444"), nowhere);
    }
    expect(server.bodies).toEqual([
      "111\n222\n",
      "3\n",
      "444444444444\n",
      "[111,222]",
      "[3]",
      "[444444444444]",
    ]);
  });

  test("their defaults are requestRecordsMax and requestBytesMax", async () => {
    const server = await serve((response) => response.end());
    const sink = await open({ endpoint: server.url, batch: "lines" });
    await sink.write(
      batchOf(...Array.from({ length: limits.requestRecordsMax.default + 1 }, () => "x")),
      nowhere,
    );
    expect(server.bodies.map(({ length }) => length)).toEqual([limits.requestRecordsMax.default * 2, 2]);
    const half = "x".repeat(limits.requestBytesMax.default / 2 - 1);
    await sink.write(batchOf(half, half.slice(2), half), nowhere);
    expect(server.bodies.slice(2).map(({ length }) => length)).toEqual([
      limits.requestBytesMax.default - 2,
      limits.requestBytesMax.default / 2,
    ]);
  });

  test("what does not fit the form is refused, and the others go", async () => {
    const server = await serve((response) => response.end());
    const lines = await open({ endpoint: server.url, batch: "lines" });
    expect(await lines.write(batchOf("a", "b\nc", "d"), nowhere)).toMatchObject([
      { origin: 1, code: "record.line-feed" },
    ]);
    const array = await open({ endpoint: server.url, batch: "json-array" });
    const refused = await array.write(batchOf("1,2", "[3", "4]", "", " 5 ", "{}"), nowhere);
    expect(refused.map(({ origin, code }) => `${origin} ${code}`)).toEqual([
      "0 json.invalid",
      "1 json.invalid",
      "2 json.invalid",
      "3 json.invalid",
    ]);
    expect(server.bodies).toEqual(["a\nd\n", "[ 5 ,{}]"]);
  });

  test("of those that are refused together the guilty ones are found", async () => {
    const stored: number[] = [];
    const server = await serve((response) => {
      const values = JSON.parse(server.bodies.at(-1)!) as number[];
      if (values.some((value) => value % 10 === 7)) return response.writeHead(422).end();
      stored.push(...values);
      return response.end();
    });
    const sink = await open({ endpoint: server.url, batch: "json-array" });
    const refused = await sink.write(
      batchOf(...Array.from({ length: 30 }, (_, index) => String(index))),
      nowhere,
    );
    expect(refused.map(({ origin }) => origin)).toEqual([7, 17, 27]);
    expect(refused[0]!.message).toBe("POST was answered with 422 Unprocessable Entity");
    expect(stored).toEqual(
      Array.from({ length: 30 }, (_, index) => index).filter((index) => index % 10 !== 7),
    );
  });
});

describe("a server that does not take a record now", () => {
  test.each([408, 425, 429, 500, 502, 503, 504])("and says %i, is sent it again", async (status) => {
    const server = await serveInTurn(answerWith(status), answerWith(status), answerWith(200));
    const sink = await open({ endpoint: server.url });
    expect(await sink.write(batchOf("1"), nowhere)).toEqual([]);
    expect(server.bodies).toEqual(["1", "1", "1"]);
    expect(new Set(server.requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  test("is left alone for growing times, and as long as it asks", async () => {
    const clock = new ManualClock();
    const server = await serveInTurn(
      answerWith(503),
      answerWith(503),
      answerWith(429, { "retry-after": "120" }),
      answerWith(200),
    );
    const sink = await open(
      { endpoint: server.url, backoff_min: "2s", backoff_max: "3s" },
      { clock, random: () => 0.999_999 },
    );
    const writing = sink.write(batchOf("1"), nowhere);
    for (const ms of [2000, 3000, 120_000]) {
      await clock.sleeping(ms);
      clock.advance(ms);
    }
    expect(await writing).toEqual([]);
  });

  test("fails the write after `attempts`, by default sendAttemptsMax, and nothing behind it is sent", async () => {
    const server = await serve(answerWith(503));
    const context = testContext({ topic: "orders" });
    const sink = await sinkOf("http-sink", { endpoint: server.url }, context);
    const error = await failureOf(sink.write(batchOf("1", "2"), nowhere));
    expect(error).toMatchObject({
      code: "http.status",
      category: "environment",
      message: `POST was answered with 503 Service Unavailable, in ${limits.sendAttemptsMax.default} attempts`,
      where: { url: server.url },
    });
    expect(error.hint).toContain("nothing is lost");
    expect(server.bodies).toEqual(Array.from({ length: limits.sendAttemptsMax.default }, () => "1"));
    expect(context.log.shown).toHaveLength(1);
    const once = await open({ endpoint: server.url, attempts: 1 });
    await failureOf(once.write(batchOf("3"), nowhere));
    expect(server.bodies.filter((body) => body === "3")).toHaveLength(1);
  });

  test("or is not there, or breaks off", async () => {
    const url = await unusedUrl();
    const sink = await open({ endpoint: url, attempts: 2 });
    expect(await failureOf(sink.write(batchOf("1"), nowhere))).toMatchObject({
      code: "http.unreachable",
      message: "POST failed: nothing listens there (connection refused), in 2 attempts",
    });
    const server = await serveInTurn((response) => response.destroy(), answerWith(204));
    expect(await (await open({ endpoint: server.url })).write(batchOf("1"), nowhere)).toEqual([]);
  });

  test("within http_request_timeout, by default sendMsMax", async () => {
    const clock = new ManualClock();
    const server = await serveInTurn(() => {}, answerWith(200));
    const sink = await open({ endpoint: server.url }, { clock });
    const writing = sink.write(batchOf("1"), nowhere);
    await server.requested(1);
    await clock.sleeping(limits.sendMsMax.default);
    clock.advance(limits.sendMsMax.default);
    await clock.sleeping(0);
    clock.advance(0);
    expect(await writing).toEqual([]);
    expect(server.requests).toHaveLength(2);
  });

  test("or does not connect within http_connect_timeout, by default connectMsMax", async () => {
    const clock = new ManualClock();
    const held: Socket[] = [];
    const server = createServer((socket) => held.push(socket.on("error", () => undefined))).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    onTestFinished(() => {
      for (const socket of held) socket.destroy();
      server.close();
    });
    // A server that says nothing: the encrypted connection is never there.
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const sink = await open({ endpoint, attempts: 1 }, { clock });
    const failing = failureOf(sink.write(batchOf("1"), nowhere));
    await clock.sleeping(limits.connectMsMax.default);
    clock.advance(limits.connectMsMax.default);
    expect((await failing).message).toContain(`no connection within ${limits.connectMsMax.default} ms`);
  });
});

describe("a server that does not take a record at all", () => {
  test.each([400, 402, 409, 413, 415, 418, 422])(
    "with %i: the record is refused, and the next one goes",
    async (status) => {
      const server = await serveInTurn(answerWith(200), answerWith(status), answerWith(200));
      const refused = await (await open({ endpoint: server.url })).write(batchOf("1", "2", "3"), nowhere);
      expect(refused).toMatchObject([{ origin: 1, by: "http-sink", code: "http.status" }]);
      expect(refused[0]!.message).toMatch(new RegExp(`^POST was answered with ${status}`));
      expect(server.bodies).toEqual(["1", "2", "3"]);
    },
  );

  test.each([401, 403, 404, 405, 407, 410, 302, 304])(
    "with %i: it would be the same for every record, so the write fails at once",
    async (status) => {
      const server = await serve(answerWith(status));
      const error = await failureOf((await open({ endpoint: server.url })).write(batchOf("1", "2"), nowhere));
      expect(error).toMatchObject({ code: "http.status", where: { url: server.url } });
      expect(server.bodies).toEqual(["1"]);
    },
  );

  test("a redirect that would lose the body is not followed, and one that keeps it is", async () => {
    const server = await serve((response, request) => {
      if (request.url === "/lose") response.writeHead(303, { location: "/there" }).end();
      else if (request.url === "/keep") response.writeHead(308, { location: "/there" }).end();
      else response.end();
    });
    const lose = await open({ endpoint: `${server.url}lose` });
    expect(await failureOf(lose.write(batchOf("1"), nowhere))).toMatchObject({ code: "http.redirect" });
    expect(await (await open({ endpoint: `${server.url}keep` })).write(batchOf("2"), nowhere)).toEqual([]);
    expect(server.bodies).toEqual(["1", "2", "2"]);
  });

  test("no secret is in what is said about it", async () => {
    const server = await serve(answerWith(401));
    const context = testContext({ topic: "orders" });
    const endpoint = `${server.url.replace("//", "//user:geheim@")}?api_key=geheim&b=1`;
    const sink = await sinkOf("http-sink", { endpoint, headers: ["X-Token: geheim"] }, context);
    const error = await failureOf(sink.write(batchOf("1"), nowhere));
    expect(JSON.stringify([error.toJSON(), String(error), context.log.lines])).not.toContain("geheim");
    expect(error.where).toEqual({ url: `${server.url}?api_key=***&b=1` });
  });
});

describe("answers", () => {
  test.each([
    ["at discardedBytesMax is read, and the connection kept", 0, 1],
    ["beyond it is cut off, with the connection", 1, 2],
  ])("a body %s", async (_name, extra, connections) => {
    const sockets = new Set<Socket>();
    const server = await serve((response, request) => {
      sockets.add(request.socket);
      response.end(Buffer.alloc(limits.discardedBytesMax.default + extra));
    });
    expect(await (await open({ endpoint: server.url })).write(batchOf("1", "2"), nowhere)).toEqual([]);
    expect(sockets.size).toBe(connections);
  });

  test("one that breaks does not matter: the server has taken the record", async () => {
    const body = new Readable({ read() {} });
    const discarded = discard(body);
    body.push("begin");
    body.destroy(new Error("the connection was cut"));
    await discarded;
  });
});

describe("several requests at once", () => {
  test("are at most `concurrency`", async () => {
    const held: ServerResponse[] = [];
    const server = await serve((response) => held.push(response));
    const sink = await open({ endpoint: server.url, concurrency: 3 });
    const writing = sink.write(batchOf(..."1234567"), nowhere);
    for (let count = 3; count <= 7; count++) {
      await server.requested(count);
      expect(held).toHaveLength(1 + Math.min(2, 7 - count + 2));
      held.shift()!.end();
    }
    for (const response of held) response.end();
    expect(await writing).toEqual([]);
    expect(server.bodies.toSorted()).toEqual([..."1234567"]);
  });

  test("end together where one of them fails", async () => {
    const server = await serve((response) => {
      if (server.bodies.at(-1) === "2") response.writeHead(404).end();
    });
    const sink = await open({ endpoint: server.url, concurrency: 2 });
    expect(await failureOf(sink.write(batchOf("1", "2", "3"), nowhere))).toMatchObject({
      code: "http.status",
    });
    expect(server.bodies).not.toContain("3");
  });

  test("cannot be more than sendConcurrencyMax", async () => {
    const settings = { endpoint: "http://127.0.0.1/", concurrency: limits.sendConcurrencyMax.default };
    await open(settings);
    await expect(open({ ...settings, concurrency: settings.concurrency + 1 })).rejects.toThrow();
  });
});

test.each<[object, RegExp]>([
  [{ method: "GET" }, /a GET request has no body/],
  [{ backoff_min: "2m" }, /`backoff_min` is longer than `backoff_max`/],
  [{ batch: "lines", key_header: "X-Key" }, /a request with many records has no header for each/],
  [{ header_prefix: "a b" }, /is no name of a header/],
  [{ idempotency_header: "Host" }, /cannot be set/],
  [{ batch_bytes: "much" }, /expected a size such as/],
])("settings that cannot be are refused: %j", async (settings, problem) => {
  await expect(open({ endpoint: "http://127.0.0.1/", ...settings })).rejects.toThrow(problem);
});

test("the first delay is sendFirstDelayMsMax at most", async () => {
  const clock = new ManualClock();
  const server = await serveInTurn(answerWith(503), answerWith(200));
  const sink = await open({ endpoint: server.url }, { clock, random: () => 0.999_999 });
  const writing = sink.write(batchOf("1"), nowhere);
  await clock.sleeping(limits.sendFirstDelayMsMax.default);
  clock.advance(limits.sendFirstDelayMsMax.default);
  expect(await writing).toEqual([]);
});
