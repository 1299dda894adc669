import { createHmac } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { readOne, shown } from "../../../src/conformance/index.ts";
import { formatWhere } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import type { Reading } from "../../../src/pipeline/index.ts";
import { Batch, FrameBuffer } from "../../../src/record/index.ts";
import { sourceOf } from "../support/open-connector.ts";
import { testContext } from "../support/test-context.ts";
import { connectTo, type OpenWebhook, openWebhook, post } from "./open-webhook.ts";

const never = new AbortController().signal;

function read({ source }: OpenWebhook): Promise<Reading> {
  return source.read(new FrameBuffer(), never) as Promise<Reading>;
}

function valuesOf(reading: Reading): string[] {
  return Array.from(Batch.of(reading.frame), (record) => record.text);
}

/** Takes the next records and says that they are stored. */
async function store(webhook: OpenWebhook): Promise<string[]> {
  const reading = await read(webhook);
  await reading.acknowledge?.();
  return valuesOf(reading);
}

describe("a request", () => {
  test("is answered once its record is stored, and not before", async () => {
    const webhook = await openWebhook({ path: "/in" });
    let isAnswered = false;
    const sent = post(`${webhook.url}?x=1`, '{"a":1}').finally(() => {
      isAnswered = true;
    });
    const reading = await read(webhook);
    expect(valuesOf(reading)).toEqual(['{"a":1}']);
    // An answer that was sent would have come before that of a request which is refused at once.
    expect((await post(new URL("/other", webhook.url).href, "")).status).toBe(404);
    expect(isAnswered).toBe(false);
    await reading.acknowledge?.();
    expect(await sent).toMatchObject({ status: 200, text: "" });
  });

  test("has a place, a time and no position", async () => {
    const webhook = await openWebhook();
    const sent = [post(webhook.url, "a"), post(webhook.url, "b")];
    const places: string[] = [];
    for (let count = 0; count < 2; ) {
      const reading = await read(webhook);
      expect(reading).toMatchObject({ position: undefined, rejections: [] });
      expect(reading.frame.baseTimestamp).toBeGreaterThan(0);
      for (let i = 0; i < reading.frame.recordCount; i++, count++) {
        places.push(formatWhere(webhook.source.locate(reading.frame, i)));
      }
      await reading.acknowledge?.();
    }
    expect(places).toEqual([`${webhook.url}#1`, `${webhook.url}#2`]);
    await Promise.all(sent);
  });

  test("may give its record a key and headers", async () => {
    const webhook = await openWebhook({
      key_header: "X-Key",
      headers: ["X-Event", "X-Missing", "content-type"],
    });
    const sent = post(webhook.url, "a", {
      "x-key": "k\xe9",
      "X-Event": "push",
      "content-type": "text/x",
      "x-other": "1",
    });
    const [record] = Batch.of((await read(webhook)).frame);
    expect(Buffer.from(record!.key!).toString("latin1")).toBe("k\xe9");
    expect(record!.headers.map(({ name, value }) => [name, Buffer.from(value).toString()])).toEqual([
      ["X-Event", "push"],
      ["content-type", "text/x"],
    ]);
    await webhook.source.close();
    await sent;
  });

  test.each<[string, unknown, string | undefined, string, string[]]>([
    ["is one record", undefined, "text/plain", "a\nb", ["a\nb"]],
    ["of no bytes is an empty record", "body", undefined, "", [""]],
    [
      "of lines is several, by its type",
      undefined,
      "application/x-ndjson; charset=utf-8",
      "a\r\n\nb",
      ["a", "", "b"],
    ],
    ["of lines is one where the config says so", "body", "application/x-ndjson", "a\nb\n", ["a\nb\n"]],
    ["of any type is lines where the config says so", "lines", "text/plain", "a\nb\n", ["a", "b"]],
    [
      "gives the elements of an array",
      { "json-array": "/e" },
      undefined,
      '{"e":[1, {"a": 2}]}',
      ["1", '{"a": 2}'],
    ],
  ])("%s", async (_name, extract, type, body, expected) => {
    const webhook = await openWebhook({}, { extract });
    const sent = post(webhook.url, body, type === undefined ? {} : { "content-type": type });
    expect(await store(webhook)).toEqual(expected);
    expect((await sent).status).toBe(200);
  });

  test.each([
    ["not JSON", "[1,", 400, /^not JSON at byte 3/],
    ["another shape", '{"a":1}', 400, /./],
    ["no elements", "[]", 200, /^$/],
  ])("with %s is answered at once, and stops nothing", async (_name, body, status, text) => {
    const webhook = await openWebhook({}, { extract: { "json-array": "" } });
    const answered = await post(webhook.url, body);
    expect(answered.status).toBe(status);
    expect(answered.text).toMatch(text);
    const sent = post(webhook.url, "[7]");
    expect(await store(webhook)).toEqual(["7"]);
    await sent;
  });

  test("requests that wait go on together", async () => {
    const webhook = await openWebhook();
    const connection = connectTo(webhook.url);
    const all = Array.from(
      { length: 50 },
      (_, index) => `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n${index + 10}`,
    );
    connection.socket.write(all.join(""));
    const given: string[] = [];
    let readings = 0;
    while (given.length < 50) {
      given.push(...(await store(webhook)));
      readings++;
    }
    expect(given).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 10)));
    expect(readings).toBeLessThan(10);
    await connection.until(/(?:HTTP\/1.1 200 OK[^H]*){50}/);
  });

  test("of many records is answered when the last of them is stored, and they share readings as they fit", async () => {
    const webhook = await openWebhook({}, { extract: "lines", batchBytes: 25 });
    const lines = Array.from({ length: 10 }, (_, index) => `line ${index}`);
    let isAnswered = false;
    const sent = post(webhook.url, lines.join("\n")).finally(() => {
      isAnswered = true;
    });
    const readings: Reading[] = [];
    for (let count = 0; count < 10; ) {
      const reading = await read(webhook);
      readings.push(reading);
      count += reading.frame.recordCount;
    }
    expect(readings.flatMap(valuesOf)).toEqual(lines);
    expect(readings.length).toBe(3);
    for (const reading of readings.slice(0, -1)) await reading.acknowledge?.();
    await post(`${webhook.url}elsewhere`, "");
    expect(isAnswered).toBe(false);
    await readings.at(-1)!.acknowledge?.();
    expect((await sent).status).toBe(200);
  });
});

describe("a record that was left out is told to its sender", () => {
  test("with 422, and to no other", async () => {
    const webhook = await openWebhook({}, { extract: "lines" });
    const sent = [post(webhook.url, "a"), post(webhook.url, "b\nc\nd")];
    const readings: Reading[] = [];
    const values: string[] = [];
    while (values.length < 4) {
      readings.push(await read(webhook));
      values.push(...valuesOf(readings.at(-1)!));
    }
    for (const reading of readings) {
      const bad = valuesOf(reading).flatMap((value, index) => (value === "c" ? [index] : []));
      await reading.acknowledge?.(undefined, new Set(bad));
    }
    const [first, second] = await Promise.all(sent);
    expect(first!.status).toBe(200);
    expect(second).toMatchObject({ status: 422, text: "1 of 3 records were refused, the others are stored" });
  });

  test("also where it was the only one", async () => {
    const webhook = await openWebhook();
    const sent = post(webhook.url, "a");
    await (await read(webhook)).acknowledge?.(undefined, new Set([0]));
    expect(await sent).toMatchObject({ status: 422, text: "the record was refused" });
  });
});

describe("who may send", () => {
  const token = { token: "geheim" };
  const shared = { shared_secret: { header: "X-Token", value: "geheim" } };
  const signature = { signature: { header: "X-Signature", secret: "geheim", prefix: "sha256=" } };
  const sign = (body: string, secret = "geheim"): string =>
    `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

  test.each<[string, object, Record<string, string>]>([
    ["a bearer token", token, { authorization: "Bearer geheim" }],
    ["a bearer token, written otherwise", token, { authorization: "bearer  geheim" }],
    ["a shared secret", shared, { "x-token": "geheim" }],
    ["a signature", signature, { "x-signature": sign("body") }],
    [
      "a signature in large letters",
      signature,
      { "x-signature": `sha256=${sign("body").slice(7).toUpperCase()}` },
    ],
    [
      "a signature in base64",
      { signature: { header: "S", secret: "geheim", encoding: "base64", algorithm: "sha512" } },
      { s: createHmac("sha512", "geheim").update("body").digest("base64") },
    ],
    [
      "all of them",
      { ...token, ...shared, ...signature },
      { authorization: "Bearer geheim", "x-token": "geheim", "x-signature": sign("body") },
    ],
  ])("%s is let in", async (_name, settings, headers) => {
    const webhook = await openWebhook(settings);
    const sent = post(webhook.url, "body", headers);
    expect(await store(webhook)).toEqual(["body"]);
    expect((await sent).status).toBe(200);
  });

  test.each<[string, object, Record<string, string>]>([
    ["nothing", token, {}],
    ["another token", token, { authorization: "Bearer geheim2" }],
    ["a part of it", token, { authorization: "Bearer gehei" }],
    ["no token", token, { authorization: "Bearer " }],
    ["another scheme", token, { authorization: "Basic geheim" }],
    ["the token alone", token, { authorization: "geheim" }],
    ["another secret", shared, { "x-token": "Geheim" }],
    ["no secret", shared, {}],
    ["no signature", signature, {}],
    ["the signature of another body", signature, { "x-signature": sign("bod") }],
    ["the signature with another secret", signature, { "x-signature": sign("body", "x") }],
    ["a signature without its prefix", signature, { "x-signature": sign("body").slice(7) }],
    ["an empty signature", signature, { "x-signature": "sha256=" }],
    ["one of two", { ...token, ...signature }, { authorization: "Bearer geheim" }],
  ])("%s is not", async (_name, settings, headers) => {
    const webhook = await openWebhook(settings);
    const answered = await post(webhook.url, "body", headers);
    expect(answered).toMatchObject({ status: 401, text: "not allowed" });
    const stop = new AbortController();
    const reading = readOne(webhook.source, stop.signal);
    stop.abort();
    expect(await reading).toBeUndefined();
    expect(webhook.log.lines.join("\n")).not.toContain("geheim");
  });

  test("who listens to others without a secret is warned", async () => {
    expect((await openWebhook({ host: "0.0.0.0" })).log.shown[1]).toContain(
      "anybody who can reach this machine can send",
    );
    expect((await openWebhook({ host: "0.0.0.0", ...token })).log.shown).toHaveLength(1);
    expect((await openWebhook()).log.shown).toHaveLength(1);
  });
});

describe("what is not wanted", () => {
  test.each([
    ["another path", "POST", "/other", {}, 404],
    ["another method", "GET", "/", {}, 405],
    ["a body that is compressed", "POST", "/", { "content-encoding": "gzip" }, 415],
  ])("%s is answered", async (_name, method, path, headers, status) => {
    const { url } = await openWebhook();
    const response = await fetch(new URL(path, url), {
      method,
      headers,
      ...(method === "POST" ? { body: "x" } : {}),
    });
    expect(response.status).toBe(status);
    expect(response.headers.get("allow")).toBe(status === 405 ? "POST" : null);
  });

  test.each([
    ["that is announced", { "content-length": "11" }, "x".repeat(11)],
    ["that comes in chunks", { "transfer-encoding": "chunked" }, "6\r\nxxxxxx\r\n5\r\nxxxxx\r\n0\r\n\r\n"],
  ])("a body over max_body %s", async (_name, headers, body) => {
    const { url } = await openWebhook({ max_body: "10" });
    const { socket, received } = connectTo(url);
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\n${head.join("")}\r\n${body}`);
    expect(await received).toMatch(/^HTTP\/1.1 413 /);
  });

  test("a body may be as large as max_body, by default webhookBodyBytesMax", async () => {
    const webhook = await openWebhook();
    const edge = limits.webhookBodyBytesMax.default;
    const sent = post(webhook.url, Buffer.alloc(edge, "x"));
    expect((await store(webhook)).map((value) => value.length)).toEqual([edge]);
    expect((await sent).status).toBe(200);
    expect((await post(webhook.url, Buffer.alloc(edge + 1, "x"))).status).toBe(413);
  });

  test("a huge body is passed over up to webhookDiscardedBytesMax, and then cut", async () => {
    const { url } = await openWebhook();
    const edge = limits.webhookDiscardedBytesMax.default;
    const send = async (length: number): Promise<string> => {
      const { socket, received } = connectTo(url);
      socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`);
      socket.write(Buffer.alloc(length, "x"));
      return received;
    };
    expect(await send(edge)).toMatch(/^HTTP\/1.1 413 /);
    const { socket, received } = connectTo(url);
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${edge * 100}\r\n\r\n`);
    const chunk = Buffer.alloc(edge / 4, "x");
    let sentBytes = 0;
    const more = (error?: Error | null): void => {
      // Once the connection is cut, writes fail one after the other without ever waiting.
      if (error || socket.destroyed) return;
      sentBytes += chunk.length;
      socket.write(chunk, more);
    };
    more();
    await received;
    expect(sentBytes).toBeLessThan(edge * 10);
  });

  test("who asks before sending is answered before sending", async () => {
    const webhook = await openWebhook({ max_body: "10", token: "t" });
    const ask = (length: number, token: string) => {
      const connection = connectTo(webhook.url);
      connection.socket.write(
        `POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\nauthorization: Bearer ${token}\r\ncontent-length: ${length}\r\n\r\n`,
      );
      return connection;
    };
    await ask(11, "t").until(/^HTTP\/1.1 413 /);
    await ask(1, "x").until(/^HTTP\/1.1 401 /);
    const accepted = ask(4, "t");
    await accepted.until(/^HTTP\/1.1 100 /);
    accepted.socket.write("body");
    expect(await store(webhook)).toEqual(["body"]);
    await accepted.until(/HTTP\/1.1 200 /);
  });

  test("more than max_waiting at a time, by default webhookWaitingMax", async () => {
    const webhook = await openWebhook({ max_waiting: 2 });
    const first = [post(webhook.url, "1"), post(webhook.url, "2")];
    const readings: Reading[] = [];
    for (let count = 0; count < 2; count += readings.at(-1)!.frame.recordCount)
      readings.push(await read(webhook));
    const third = await post(webhook.url, "3");
    expect(third).toMatchObject({ status: 503, text: "too many wait; send it later" });
    expect(third.headers.get("retry-after")).toBe(String(limits.webhookRetrySeconds.default));
    for (const reading of readings) await reading.acknowledge?.();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    const fourth = post(webhook.url, "4");
    expect(await store(webhook)).toEqual(["4"]);
    expect((await fourth).status).toBe(200);
    const { spec } = (await import("../../../src/connector/index.ts")).findConnector("webhook-source");
    expect(spec.settings.parse({})).toMatchObject({ max_waiting: limits.webhookWaitingMax.default });
  });

  test("more than webhookWaitingBytesMax at a time, also where the size is not announced", async () => {
    const size = limits.recordBytesMax.default;
    const webhook = await openWebhook({ max_body: size });
    const fits = limits.webhookWaitingBytesMax.default / size;
    const sent = Array.from({ length: fits }, () => post(webhook.url, Buffer.alloc(size)));
    const readings: Reading[] = [];
    for (let count = 0; count < fits; count += readings.at(-1)!.frame.recordCount) {
      readings.push(await read(webhook));
    }
    expect((await post(webhook.url, "x")).status).toBe(503);
    const { socket, until } = connectTo(webhook.url);
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    await until(/^HTTP\/1.1 503 /);
    for (const reading of readings) await reading.acknowledge?.();
    for (const { status } of await Promise.all(sent)) expect(status).toBe(200);
    // What was answered takes no room any more.
    const later = [post(webhook.url, Buffer.alloc(size)), post(webhook.url, "x")];
    const more: Reading[] = [];
    for (let count = 0; count < 2; count += more.at(-1)!.frame.recordCount) more.push(await read(webhook));
    for (const reading of more) await reading.acknowledge?.();
    for (const { status } of await Promise.all(later)) expect(status).toBe(200);
  });
});

describe("senders that are slow, or go", () => {
  test.each([
    ["head", "POST / HTTP/1.1\r\nhost: a\r\n"],
    ["body", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nbegin"],
  ])("a %s that does not arrive is cut off after request_timeout", async (_name, text) => {
    const { url } = await openWebhook({ request_timeout: "200ms" });
    const { socket, received } = connectTo(url);
    socket.write(text);
    expect(await received).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  test("timeouts are webhookRequestMsMax by default, and webhookHeadMsMax for a head", async () => {
    const { spec } = (await import("../../../src/connector/index.ts")).findConnector("webhook-source");
    expect(spec.settings.parse({})).toMatchObject({ request_timeout: limits.webhookRequestMsMax.default });
    expect(limits.webhookHeadMsMax.default).toBeLessThan(limits.webhookRequestMsMax.default);
  });

  test("a body that breaks off is no record, and takes no room", async () => {
    const webhook = await openWebhook({ max_waiting: 1 });
    const broken = connectTo(webhook.url);
    broken.socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n");
    await broken.until(/100 Continue/);
    broken.socket.write("begin");
    expect((await post(webhook.url, "x")).status).toBe(503);
    broken.socket.destroy();
    let answered = 503;
    const reading = read(webhook);
    while (answered === 503) {
      const sent = post(webhook.url, "whole");
      const status = await Promise.race([sent.then(({ status }) => status), reading.then(() => 0)]);
      if (status === 0) await (await reading).acknowledge?.();
      answered = (await sent).status;
    }
    expect(valuesOf(await reading)).toEqual(["whole"]);
  });

  test("a sender that has gone before its record was taken will send it again, so it is not taken", async () => {
    const webhook = await openWebhook();
    const gone = connectTo(webhook.url);
    gone.socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n");
    await gone.until(/100 Continue/);
    gone.socket.end("gone");
    gone.socket.destroy();
    await once(gone.socket, "close");
    // The server has heard of that once it serves what came later.
    await post(`${webhook.url}x`, "");
    const sent = post(webhook.url, "here");
    const given: string[] = [];
    while (!given.includes("here")) given.push(...(await store(webhook)));
    expect(given.filter((value) => value !== "gone")).toEqual(["here"]);
    await sent;
  });

  test("answers are not given to senders that have gone", async () => {
    const webhook = await openWebhook();
    const { socket } = connectTo(webhook.url);
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody");
    const reading = await read(webhook);
    socket.destroy();
    await once(socket, "close");
    await post(`${webhook.url}x`, "");
    await reading.acknowledge?.();
  });

  test("many connections that say nothing keep nobody out", async () => {
    const webhook = await openWebhook();
    const silent = Array.from({ length: 200 }, () => connectTo(webhook.url));
    await Promise.all(silent.map(({ socket }) => once(socket, "connect")));
    const sent = post(webhook.url, "x");
    expect(await store(webhook)).toEqual(["x"]);
    expect((await sent).status).toBe(200);
  });
});

describe("the end", () => {
  test("records that did not get there are told to their senders with 503", async () => {
    const webhook = await openWebhook();
    const read1 = post(webhook.url, "read");
    await read(webhook);
    const waiting = post(webhook.url, "waiting");
    await post(`${webhook.url}x`, "");
    await webhook.source.close();
    for (const answered of await Promise.all([read1, waiting])) {
      expect(answered).toMatchObject({ status: 503, text: "shutting down; send it again" });
      expect(answered.headers.get("retry-after")).toBe("1");
    }
  });

  test("told to stop, it answers what it has, and takes nothing more", async () => {
    const webhook = await openWebhook();
    const first = post(webhook.url, "a");
    const reading = await read(webhook);
    const stop = new AbortController();
    const next = webhook.source.read(new FrameBuffer(), stop.signal);
    stop.abort();
    expect(await next).toBeUndefined();
    expect((await post(webhook.url, "b")).status).toBe(503);
    await reading.acknowledge?.();
    const answered = await first;
    expect(answered.status).toBe(200);
    expect(answered.headers.get("connection")).toBe("close");
    await webhook.source.close();
    await expect(post(webhook.url, "c")).rejects.toThrow();
  });

  test("connections that stay are cut after webhookCloseMsMax", async () => {
    const { ManualClock } = await import("../support/manual-clock.ts");
    const clock = new ManualClock();
    const webhook = await openWebhook({}, { clock });
    const { socket, received } = connectTo(webhook.url);
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n");
    await once(socket, "data");
    const closing = webhook.source.close();
    await clock.sleeping(limits.webhookCloseMsMax.default);
    clock.advance(limits.webhookCloseMsMax.default);
    await closing;
    await received;
  });

  test("with once, the first requests are the only ones", async () => {
    const webhook = await openWebhook({}, { once: true, extract: "lines", batchBytes: 10 });
    const sent = post(webhook.url, "line 1\nline 2\nline 3");
    const given: string[] = [];
    for (let reading = await readOne(webhook.source); reading; reading = await readOne(webhook.source)) {
      given.push(...shown(reading.values));
      await reading.acknowledge();
    }
    expect(given).toEqual(["line 1", "line 2", "line 3"]);
    expect((await sent).status).toBe(200);
    expect((await post(webhook.url, "late")).status).toBe(503);
  });
});

describe("where it listens", () => {
  test("is said, also where only warnings are shown; a port that the config names is known", async () => {
    const { log, url, source } = await openWebhook();
    expect(log.shown).toEqual([`warn: takes requests at ${url}, a port that was free`]);
    await source.close();
    const named = await openWebhook({ port: Number(new URL(url).port) });
    expect(named.log.shown).toEqual([`info: takes requests at ${url}`]);
  });

  test("is no port that is taken", async () => {
    const { url } = await openWebhook();
    const port = Number(new URL(url).port);
    const source = await sourceOf("webhook-source", { port }, testContext({}));
    await expect(source.open(undefined)).rejects.toMatchObject({
      code: "webhook.listen",
      category: "environment",
      message: `the webhook cannot listen: port ${port} is in use already`,
      where: { url },
    });
    await source.close();
  });

  test("is no address that is not there", async () => {
    const source = await sourceOf("webhook-source", { host: "192.0.2.1", port: 0 }, testContext({}));
    await expect(source.open(undefined)).rejects.toMatchObject({
      code: "webhook.listen",
      hint: "check `webhook.host`",
    });
  });
});

test("connections are at most webhookConnectionsMax, which is more than wait", () => {
  expect(limits.webhookConnectionsMax.default).toBeGreaterThan(limits.webhookWaitingMax.default);
});
