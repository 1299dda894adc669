import { once } from "node:events";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { utf8 } from "../../src/base/index.ts";
import { readAll, readOne, valuesOf } from "../../src/conformance/index.ts";
import type { ConnectorContext } from "../../src/connector/index.ts";
import { limits } from "../../src/limits.ts";
import type { Source } from "../../src/pipeline/index.ts";
import { testSink } from "../conformance/sink.ts";
import { testSource } from "../conformance/source.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { sinkOf, sourceOf } from "./support/open-connector.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { testContext } from "./support/test-context.ts";
import { serve } from "./support/web-server.ts";
import { serveWebsocket } from "./support/websocket-server.ts";
import { connectTo, urlIn } from "./webhook/open-webhook.ts";

const lineFeed = 10;
const carriageReturn = 13;

function isLine(value: Uint8Array): boolean {
  return !value.includes(lineFeed);
}

/** A value that reads back the same: a carriage return at its end would count as part of the line end. */
function isReadableLine(value: Uint8Array): boolean {
  return isLine(value) && value.at(-1) !== carriageReturn;
}

function linesOf(file: string): Uint8Array[] {
  return splitLines(readFileSync(file));
}

function splitLines(bytes: Buffer): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, at);
    lines.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}

testSource({
  name: "file-source",
  isReplayable: true,
  holds: isReadableLine,
  async prepare(values) {
    const folder = tempFolder();
    writeFileSync(
      join(folder, "in.ndjson"),
      Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")])),
    );
    return {
      values,
      create: (options) =>
        sourceOf("file-source", { path: "in.ndjson" }, testContext({ folder, ...options })),
    };
  },
  broken: () => sourceOf("file-source", { path: "missing" }, testContext({ folder: tempFolder() })),
});

testSource({
  name: "http-source (elements of a JSON array)",
  isReplayable: false,
  holds(value) {
    try {
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
      return Buffer.from(value).toString() === Buffer.from(value).toString().trim();
    } catch {
      return false;
    }
  },
  async prepare(values) {
    const parts = values.flatMap((value, index) => [Buffer.from(index === 0 ? "" : ",\n  "), value]);
    const body = Buffer.concat([Buffer.from('{"type":"all","items":['), ...parts, Buffer.from("]}")]);
    const { url } = await serve((response) => response.end(body));
    return {
      values,
      create: (options) =>
        sourceOf("http-source", { endpoint: url }, testContext({ ...options }), { "json-array": "/items" }),
    };
  },
  async waiting() {
    const { url } = await serve(() => {});
    return sourceOf("http-source", { endpoint: url }, testContext({ once: false, clock: new ManualClock() }));
  },
});

testSource({
  name: "http-source (a stream of lines)",
  isReplayable: false,
  holds: isLine,
  async prepare(values) {
    const body = Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")]));
    const { url } = await serve((response) => response.end(body));
    return {
      values,
      create: (options) =>
        sourceOf("http-source", { endpoint: url, stream: true }, testContext({ ...options })),
    };
  },
  async poisoned() {
    const large = Buffer.alloc(limits.recordBytesMax.default + 1, "x");
    const body = Buffer.concat([Buffer.from("a\n"), large, Buffer.from("\nb\n")]);
    const { url } = await serve((response) => response.end(body));
    return {
      values: [utf8("a"), utf8("b")],
      create: () => sourceOf("http-source", { endpoint: url, stream: true }, testContext({})),
    };
  },
  async waiting() {
    const { url } = await serve((response) => void response.write("no end"));
    const context = testContext({ once: false, clock: new ManualClock() });
    return sourceOf("http-source", { endpoint: url, stream: true }, context);
  },
});

testSource({
  name: "http-source (messages of a websocket)",
  isReplayable: false,
  holds: () => true,
  async prepare(values) {
    const { url } = await serveWebsocket((socket) => {
      for (const value of values) socket.send(value);
      socket.close();
    });
    return {
      values,
      create: (options) => sourceOf("http-source", { endpoint: url }, testContext({ ...options })),
    };
  },
  async waiting() {
    const { url } = await serveWebsocket(() => {});
    return sourceOf("http-source", { endpoint: url }, testContext({ once: false, clock: new ManualClock() }));
  },
});

testSource({
  name: "http-source (events of a server)",
  isReplayable: true,
  // Text comes as it is, and a carriage return is a line end too.
  holds: (value) => !value.includes(lineFeed) && !value.includes(carriageReturn),
  async prepare(values) {
    const events = values.map((value, index) =>
      Buffer.concat([Buffer.from(`id: ${index}\ndata: `), value, Buffer.from("\n\n")]),
    );
    const { url } = await serve((response, request) => {
      const last = request.headers["last-event-id"];
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(Buffer.concat(events.slice(last === undefined ? 0 : Number(last) + 1)));
    });
    return {
      values,
      create: (options) =>
        sourceOf("http-source", { endpoint: url, stream: true }, testContext({ ...options })),
    };
  },
});

testSource({
  name: "webhook-source (lines)",
  isReplayable: false,
  holds: isReadableLine,
  async prepare(values) {
    const body = Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")]));
    return { values, create: (options) => webhookOf(body, values.length, { ...options }) };
  },
  waiting: () => webhookOf(Buffer.alloc(0), 1, {}),
  async broken() {
    const { url } = await serve(() => {});
    return sourceOf("webhook-source", { port: Number(new URL(url).port) }, testContext({}));
  },
});

/** A webhook to which one request is sent, and which ends behind the last record of it. */
async function webhookOf(
  body: Uint8Array,
  count: number,
  options: Partial<ConnectorContext>,
): Promise<Source> {
  const context = testContext({ once: false, ...options });
  const settings = { port: 0, max_body: limits.recordBytesMax.default };
  // A body may be as large as a record, and all the records together are larger.
  const source = await sourceOf("webhook-source", settings, context, "lines");
  const parts = partsOfBody(body, limits.recordBytesMax.default);
  let left = count;
  return {
    async open(position) {
      await source.open(position);
      onTestFinished(() => source.close());
      const connection = connectTo(urlIn(context.log));
      for (const part of parts) {
        connection.socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${part.length}\r\n\r\n`);
        connection.socket.write(part);
      }
    },
    async read(buffer, signal) {
      if (left === 0) return undefined;
      const reading = await source.read(buffer, signal);
      left -= reading?.frame.recordCount ?? 0;
      return reading;
    },
    close: () => source.close(),
    locate: (frame, index) => source.locate(frame, index),
  };
}

/** A text of lines in parts of at most so many bytes, each of whole lines; a line that just fits goes without its end. */
function partsOfBody(body: Uint8Array, bytesMax: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    const end = body.subarray(at, at + bytesMax + 1).lastIndexOf(lineFeed) + 1;
    parts.push(body.subarray(at, at + Math.min(end, bytesMax)));
    at += end;
  }
  return parts;
}

testSource({
  name: "generate-source",
  isReplayable: true,
  holds: () => true,
  async prepare(values) {
    const create = (options: Partial<ConnectorContext> = {}): Promise<Source> =>
      sourceOf("generate-source", { count: values.length, seed: 42 }, testContext(options));
    const source = await create();
    await source.open(undefined);
    const made = valuesOf(await readAll(source));
    expect(made).toHaveLength(values.length);
    return { values: made, create };
  },
  async waiting() {
    const context = testContext({ once: false, clock: new ManualClock() });
    const source = await sourceOf("generate-source", { rate: 1 }, context);
    const { open } = source;
    source.open = async (position) => {
      await open.call(source, position);
      // The first record is due at once, and the second one is waited for.
      await readOne(source);
    };
    return source;
  },
});

testSink({
  name: "file-sink",
  holds: isLine,
  async prepare() {
    const folder = tempFolder();
    const file = join(folder, "out.ndjson");
    return {
      create: () => sinkOf("file-sink", { path: "out.ndjson" }, testContext({ folder })),
      stored: async () => linesOf(file),
      tear: async () => truncateSync(file, (await stat(file)).size - 5),
    };
  },
  broken: () => sinkOf("file-sink", { path: "missing/out" }, testContext({ folder: tempFolder() })),
});

for (const [batch, holds, valuesOfBody] of [
  ["record", () => true, (body: Buffer) => [body]],
  ["lines", isLine, (body: Buffer) => splitLines(body)],
] as const) {
  testSink(
    {
      name: `http-sink (${batch})`,
      holds,
      async prepare() {
        const stored: Uint8Array[] = [];
        const server = createServer(async (request, response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of request) chunks.push(chunk as Buffer);
          stored.push(...valuesOfBody(Buffer.concat(chunks)));
          response.end();
        }).listen(0, "127.0.0.1");
        await once(server, "listening");
        onTestFinished(() => void server.close().closeAllConnections());
        const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
        return {
          create: () => sinkOf("http-sink", { endpoint, batch }, testContext({})),
          stored: async () => stored,
        };
      },
    },
    120_000,
  );
}
