import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readAll, readOne, shown, valuesOf } from "../../../src/conformance/index.ts";
import { formatWhere } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import type { Source } from "../../../src/pipeline/index.ts";
import { Batch, FrameBuffer } from "../../../src/record/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { testContext } from "../support/test-context.ts";
import { serve, unusedUrl } from "../support/web-server.ts";
import { open, serveInTurn } from "./open-source.ts";

const never = new AbortController().signal;
const stream = true;
/** For clocks that skip shorter sleeps. */
const patient = { stream, timeout: "1d", idle_timeout: "1d" };

async function valuesAt(source: Source): Promise<string[]> {
  return shown((await readOne(source))?.values ?? []);
}

function events(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
}

describe("a response that does not end", () => {
  test("gives its records as they come, however they are cut", async () => {
    let response: ServerResponse | undefined;
    const server = await serve((given) => {
      response = given;
      given.write("one\ntw");
    });
    const source = await open({ endpoint: server.url, stream }, testContext({ once: false }));
    expect(await valuesAt(source)).toEqual(["one"]);
    const next = valuesAt(source);
    response!.write("o\nthree\nfo");
    const given = await next;
    while (given.length < 2) given.push(...(await valuesAt(source)));
    expect(given).toEqual(["two", "three"]);
    response!.write("ur\n");
    expect(await valuesAt(source)).toEqual(["four"]);
    await source.close();
  });

  test("is split at any delimiter, and its last record needs none", async () => {
    const server = await serve((response) => response.end("a\nb-|-c-|---|-tail-|"));
    const source = await open({ endpoint: server.url, stream, delimiter: "-|-" }, testContext({}));
    expect(shown(valuesOf(await readAll(source)))).toEqual(["a\nb", "c", "-", "tail-|"]);
  });

  test("of an empty response gives nothing", async () => {
    const server = await serve((response) => response.end());
    const source = await open({ endpoint: server.url, stream }, testContext({}));
    expect(await readOne(source)).toBeUndefined();
  });

  test.each([
    [{ output_type: "json" }, ['{"body":"a"}', '{"body":"b"}']],
    [{ output_parts: "full" }, ["HTTP/1.1 200 OK\nx: 1\n\na", "HTTP/1.1 200 OK\nx: 1\n\nb"]],
  ])("gives records in Fluvio's forms: %j", async (settings, expected) => {
    const server = await serve((response) => {
      response.sendDate = false;
      response.writeHead(200, { x: "1", connection: "close" }).end("a\nb");
    });
    const source = await open({ endpoint: server.url, stream, ...settings }, testContext({}));
    const values = shown(valuesOf(await readAll(source)));
    expect(values.map((value) => value.replace(/\n(connection|transfer-encoding):[^\n]*/gi, ""))).toEqual(
      expected,
    );
  });

  test("is understood when it comes compressed all the same", async () => {
    const server = await serve((response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("a\nb"));
    });
    const source = await open({ endpoint: server.url, stream }, testContext({}));
    expect(shown(valuesOf(await readAll(source)))).toEqual(["a", "b"]);
    expect(server.requests[0]!.headers["accept-encoding"]).toBe("identity");
  });

  test("with a record over recordBytesMax rejects that one and goes on behind it", async () => {
    const edge = limits.recordBytesMax.default;
    const server = await serve((response) => {
      response.write("first\n");
      response.write(Buffer.alloc(edge, "e"));
      response.write("\n");
      response.write(Buffer.alloc(edge + 1, "x"));
      response.end("\nlast\n");
    });
    const source = await open({ endpoint: server.url, stream }, testContext({}));
    const lengths: number[] = [];
    const places: string[] = [];
    for (let reading = await source.read(new FrameBuffer(), never); reading; ) {
      for (const record of Batch.of(reading.frame)) lengths.push(record.value.length);
      for (const { code, where, sample } of reading.rejections) {
        places.push(`${code} ${formatWhere(where)} ${sample.length}`);
      }
      reading = await source.read(new FrameBuffer(), never);
    }
    expect(lengths).toEqual([5, edge, 4]);
    expect(places).toHaveLength(1);
    expect(places[0]).toMatch(/^record.too-large http.*#\d+ 256$/);
  });

  test("without a delimiter does not fill the memory", async () => {
    const server = await serve((response) => {
      const chunk = Buffer.alloc(1_000_000, "x");
      let left = 40;
      const more = (): void => {
        while (left-- > 0) if (!response.write(chunk)) return void response.once("drain", more);
        response.end("\nok");
      };
      more();
    });
    const source = await open({ endpoint: server.url, stream }, testContext({}));
    const buffer = new FrameBuffer();
    const first = await source.read(buffer, never);
    expect(first!.rejections.map(({ message }) => message)).toEqual([
      `the record has 40000000 bytes, and ${limits.recordBytesMax.default} is the limit`,
    ]);
    expect(buffer.bytes.length).toBeLessThan(limits.recordBytesMax.default * 2.5);
  });
});

describe("connecting again", () => {
  test("a response that ended is asked for again, an interval after the last time", async () => {
    const clock = new ManualClock();
    const server = await serveInTurn(
      (response) => response.end("a\nb"),
      (response) => response.end("c"),
    );
    const context = testContext({ once: false, clock });
    const source = await open({ endpoint: server.url, stream, interval: "10s" }, context);
    const given = [...(await valuesAt(source))];
    while (given.length < 2) given.push(...(await valuesAt(source)));
    expect(given).toEqual(["a", "b"]);
    const next = valuesAt(source);
    await clock.sleeping(10_000);
    clock.advance(10_000);
    expect(await next).toEqual(["c"]);
    expect(context.log.shown).toEqual([]);
    await source.close();
  });

  test("one that breaks in the middle of a record is asked for again soon, and nothing is glued together", async () => {
    const clock = new ManualClock(1000);
    const server = await serveInTurn(
      (response) => response.write("whole\nhal", () => response.destroy()),
      (response) => response.write("f\nwhole again\n"),
    );
    const context = testContext({ once: false, clock });
    const source = await open({ endpoint: server.url, stream }, context);
    const given: string[] = [];
    while (given.length < 3) given.push(...(await valuesAt(source)));
    expect(given).toEqual(["whole", "f", "whole again"]);
    expect(context.log.shown.map((line) => line.replace(server.url, "URL"))).toEqual([
      "warn: URL: the connection broke in the middle of a record; its 3 bytes are left out",
      expect.stringContaining("warn: URL: GET failed: "),
      "info: URL: recovered after 1 failed connection",
    ]);
    await source.close();
  });

  test("one that brings nothing for idle_timeout counts as broken", async () => {
    const clock = new ManualClock();
    const server = await serveInTurn(
      (response) => void response.write("a\n"),
      (response) => void response.write("b\n"),
    );
    const context = testContext({ once: false, clock });
    const source = await open({ endpoint: server.url, stream, idle_timeout: "7s" }, context);
    expect(await valuesAt(source)).toEqual(["a"]);
    const next = valuesAt(source);
    await clock.sleeping(7000);
    clock.advance(7000);
    expect(await next).toEqual(["b"]);
    expect(context.log.shown[0]).toContain("GET brought nothing more for 7000 ms");
    await source.close();
  });

  test("its default is streamIdleMsMax", async () => {
    const clock = new ManualClock();
    const server = await serve((response) => void response.write("a\n"));
    const source = await open({ endpoint: server.url, stream }, testContext({ once: false, clock }));
    await readOne(source);
    const stop = new AbortController();
    const next = readOne(source, stop.signal);
    await clock.sleeping(limits.streamIdleMsMax.default);
    stop.abort();
    expect(await next).toBeUndefined();
    await source.close();
  });

  test("the head of a response has `timeout` to come", async () => {
    const clock = new ManualClock();
    const server = await serveInTurn(
      () => {},
      (response) => response.write("a\n"),
    );
    const source = await open(
      { endpoint: server.url, stream, timeout: "5s" },
      testContext({ once: false, clock }),
    );
    const next = valuesAt(source);
    await server.requested(1);
    await clock.sleeping(5000);
    clock.advance(5000);
    expect(await next).toEqual(["a"]);
    await source.close();
  });

  test("delays grow until something comes", async () => {
    const clock = new ManualClock(100_000);
    let turn = 0;
    const server = await serve((response) => {
      turn++;
      if (turn <= 4) response.writeHead(503).end();
      else response.write("a\n");
    });
    const started = clock.now();
    const context = testContext({ once: false, clock, random: () => 0.999_999 });
    const source = await open({ endpoint: server.url, ...patient }, context);
    expect(await valuesAt(source)).toEqual(["a"]);
    expect(clock.now() - started).toBe(500 + 1000 + 2000 + 4000);
    await source.close();
  });

  test("with once what is wrong is thrown after pollAttemptsMax attempts", async () => {
    const url = await unusedUrl();
    const source = await open({ endpoint: url, stream }, testContext({}));
    await expect(readOne(source)).rejects.toMatchObject({ code: "http.unreachable", where: { url } });
    const missing = await serve((response) => response.writeHead(404).end());
    const other = await open({ endpoint: missing.url, stream }, testContext({}));
    await expect(readOne(other)).rejects.toMatchObject({ code: "http.status" });
    expect(missing.requests).toHaveLength(1);
  });

  test("and a response that always breaks is not one that ended", async () => {
    const server = await serve((response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("a\nb", () => response.destroy());
    });
    const source = await open({ endpoint: server.url, stream }, testContext({}));
    expect(await valuesAt(source)).toEqual(["a"]);
    await expect(readOne(source)).rejects.toMatchObject({ code: "http.unreachable" });
    // Asked again, it would give the same records again.
    expect(server.requests).toHaveLength(1);
  });
});

describe("told to stop", () => {
  test("while it waits for more, a read ends, and closing gives the response up", async () => {
    let response: ServerResponse | undefined;
    const server = await serve((given) => {
      response = given;
      given.write("a\n");
    });
    const clock = new ManualClock();
    const source = await open({ endpoint: server.url, stream }, testContext({ once: false, clock }));
    await readOne(source);
    const stop = new AbortController();
    const reading = readOne(source, stop.signal);
    await clock.sleeping(limits.streamIdleMsMax.default);
    stop.abort();
    expect(await reading).toBeUndefined();
    expect(clock.sleeps).toEqual([]);
    const over = once(response!, "close");
    await source.close();
    await over;
  });

  test("while it waits to connect again, a read ends", async () => {
    const clock = new ManualClock();
    const server = await serve((response) => response.end("a"));
    const source = await open({ endpoint: server.url, stream }, testContext({ once: false, clock }));
    await readOne(source);
    const stop = new AbortController();
    const reading = readOne(source, stop.signal);
    await clock.sleeping(10_000);
    stop.abort();
    expect(await reading).toBeUndefined();
    await source.close();
  });
});

describe("the events of a server", () => {
  test("are records, with their type and id as headers", async () => {
    const server = await serve((response) => {
      events(response).end(
        ": hello\n\nevent: a\nid: 7\ndata: one\ndata: two\n\ndata: three\n\ndata: cut off",
      );
    });
    const source = await open({ endpoint: server.url, stream }, testContext({}));
    const reading = await source.read(new FrameBuffer(), never);
    const records = Array.from(Batch.of(reading!.frame), (record) => [
      record.text,
      record.headers.map(({ name, value }) => `${name}=${Buffer.from(value)}`).join(),
    ]);
    expect(records).toEqual([
      ["one\ntwo", "event=a,id=7"],
      ["three", "id=7"],
    ]);
    expect(reading!.position).toMatchObject({ lastEventId: "7" });
    expect(await readOne(source)).toBeUndefined();
  });

  test("go on behind the last one, after the connection is made anew, and after a restart", async () => {
    const clock = new ManualClock();
    const server = await serveInTurn(
      (response) => events(response).end("retry: 1234\n\nid: é1\ndata: 1\n\nid: 2\ndata: not ended"),
      (response) => void events(response).write("id: 3\ndata: 3\n\n"),
    );
    const context = testContext({ once: false, clock });
    const source = await open({ endpoint: server.url, stream }, context);
    const first = await readOne(source);
    expect(shown(first!.values)).toEqual(["1"]);
    const next = readOne(source);
    await clock.sleeping(1234);
    clock.advance(1234);
    const second = await next;
    expect(shown(second!.values)).toEqual(["3"]);
    await source.close();
    const restarted = await open({ endpoint: server.url, stream }, testContext({ once: false, clock }), {
      position: second!.position,
    });
    await readOne(restarted);
    const other = await open(
      { endpoint: `${server.url}other`, stream },
      testContext({ once: false, clock }),
      {
        position: second!.position,
      },
    );
    await readOne(other);
    const ids = server.requests.map(({ headers }) => headers["last-event-id"]);
    expect(ids).toEqual([undefined, Buffer.from("é1").toString("latin1"), "3", undefined]);
    await restarted.close();
    await other.close();
  });

  test("of a position only those count that are in its reading", async () => {
    const data = "x".repeat(100);
    const server = await serve((response) => {
      const all = Array.from({ length: 50 }, (_, index) => `id: ${index}\ndata: ${data}\n\n`);
      events(response).end(all.join(""));
    });
    const source = await open({ endpoint: server.url, stream }, testContext({ batchBytes: 1000 }));
    const readings = await readAll(source);
    expect(readings.length).toBeGreaterThan(3);
    let count = 0;
    for (const { values, position } of readings) {
      count += values.length;
      expect(position).toMatchObject({ lastEventId: String(count - 1) });
    }
  });

  test("batchRecords: no more of them than that are one reading, and none is lost", async () => {
    const server = await serve((response) => {
      events(response).end(Array.from({ length: 25 }, (_, index) => `data: ${index}\n\n`).join(""));
    });
    const source = await open({ endpoint: server.url, stream }, testContext({ batchRecords: 10 }));
    const readings = await readAll(source);
    expect(Math.max(...readings.map(({ values }) => values.length))).toBe(10);
    expect(readings.flatMap(({ values }) => values.map((value) => Buffer.from(value).toString()))).toEqual(
      Array.from({ length: 25 }, (_, i) => `${i}`),
    );
  });

  test("that are too large are rejected, and reading goes on", async () => {
    const server = await serve((response) => {
      const large = "x".repeat(limits.recordBytesMax.default + 1);
      events(response).end(`data: ${large}\n\ndata: ok\n\n`);
    });
    const source = await open({ endpoint: server.url, stream }, testContext({}));
    const codes: string[] = [];
    const values: string[] = [];
    for (let reading = await source.read(new FrameBuffer(), never); reading; ) {
      codes.push(...reading.rejections.map(({ code }) => code));
      values.push(...Array.from(Batch.of(reading.frame), (record) => record.text));
      reading = await source.read(new FrameBuffer(), never);
    }
    expect([codes, values]).toEqual([["record.too-large"], ["ok"]]);
  });

  test("end where the server says so with 204", async () => {
    const server = await serveInTurn(
      (response) => events(response).end("data: 1\n\n"),
      (response) => response.writeHead(204).end(),
    );
    const context = testContext({ once: false, clock: new ManualClock(60_000) });
    const source = await open({ endpoint: server.url, ...patient }, context);
    expect(shown(valuesOf(await readAll(source)))).toEqual(["1"]);
    expect(context.log.shown.at(-1)).toContain("the server has no more (204)");
  });

  test("are split as text where a delimiter is given", async () => {
    const server = await serve((response) => events(response).end("data: 1\n\ndata: 2\n\n"));
    const source = await open({ endpoint: server.url, stream, delimiter: "\n\n" }, testContext({}));
    expect(shown(valuesOf(await readAll(source)))).toEqual(["data: 1", "data: 2"]);
  });
});
