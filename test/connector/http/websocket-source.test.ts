import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { readAll, readOne, shown, valuesOf } from "../../../src/conformance/index.ts";
import { formatWhere } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, FrameBuffer } from "../../../src/record/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { testContext } from "../support/test-context.ts";
import { unusedUrl } from "../support/web-server.ts";
import { serveWebsocket } from "../support/websocket-server.ts";
import { open } from "./open-source.ts";

const never = new AbortController().signal;
const pinged = { idle_timeout: "40s", timeout: "1d", websocket_config: { ping_interval_ms: 30_000 } };
/** For clocks that skip shorter sleeps. */
const patient = { idle_timeout: "1d", timeout: "1d", websocket_config: { ping_interval_ms: 1e8 } };

describe("a websocket", () => {
  test("gives its messages as they come, of text and of bytes", async () => {
    const server = await serveWebsocket((socket) => {
      socket.send("one");
      socket.send(Uint8Array.of(0, 255, 10));
      socket.send("");
      socket.send("é".repeat(70_000));
      socket.close(1000);
    });
    const source = await open({ endpoint: server.url }, testContext({}));
    const values = valuesOf(await readAll(source));
    expect(values.map((value) => Buffer.from(value))).toEqual([
      Buffer.from("one"),
      Buffer.from([0, 255, 10]),
      Buffer.alloc(0),
      Buffer.from("é".repeat(70_000)),
    ]);
    await source.close();
  });

  test("is asked with the headers, and told what to subscribe to", async () => {
    const heard: string[] = [];
    const server = await serveWebsocket((socket) => {
      socket.on("message", (data) => {
        heard.push(String(data));
        if (heard.length === 3) socket.close();
      });
    });
    const endpoint = server.url.replace("ws://", "ws://me:p%40ss@");
    const websocket_config = { subscription_message: "first", subscription_messages: ["a", "b"] };
    const settings = { endpoint, headers: ["X-Feed: 1"], user_agent: "mine", websocket_config };
    const source = await open(settings, testContext({}));
    expect(await readOne(source)).toBeUndefined();
    expect(heard).toEqual(["first", "a", "b"]);
    expect(server.requests[0]?.headers).toMatchObject({
      "x-feed": "1",
      "user-agent": "mine",
      authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
    });
    await source.close();
  });

  test("is opened again where it was closed, and where it broke", async () => {
    const clock = new ManualClock(60_000);
    const server = await serveWebsocket((socket, turn) => {
      socket.send(`turn ${turn}`, () => (turn === 1 ? socket.terminate() : socket.close(1001)));
    });
    const settings = { endpoint: server.url, ...patient };
    const context = testContext({ once: false, clock });
    const source = await open(settings, context);
    for (const turn of [0, 1, 2])
      expect(shown((await readOne(source))?.values ?? [])).toEqual([`turn ${turn}`]);
    const log = context.log.lines.join("\n");
    expect(log).toContain("the websocket failed: the connection was closed (1006)");
    expect(log).toContain("recovered after 1 failed connection");
    await source.close();
  });

  test("of which nothing comes, not even the answer to a ping, is given up", async () => {
    const clock = new ManualClock();
    let deaf: WebSocket | undefined;
    const server = await serveWebsocket((socket) => {
      deaf = socket;
      socket.pause();
    });
    const settings = { endpoint: server.url, ...pinged };
    const source = await open(settings, testContext({ clock }));
    const reading = readOne(source);
    await clock.sleeping(40_000);
    clock.advance(30_000);
    await clock.sleeping(30_000);
    clock.advance(10_000);
    await expect(reading).rejects.toMatchObject({
      code: "http.unreachable",
      message: "the websocket brought nothing more for 40000 ms",
    });
    expect(deaf).toBeDefined();
    await source.close();
  });

  test("that answers pings is waited for", async () => {
    const clock = new ManualClock();
    const server = await serveWebsocket(() => {});
    const settings = { endpoint: server.url, ...pinged };
    const source = await open(settings, testContext({ clock }));
    const reading = readOne(source);
    for (let i = 0; i < 4; i++) {
      await clock.sleeping(40_000);
      await clock.sleeping(30_000);
      const pinged = once(server.sockets[0] as WebSocket, "ping");
      const waitsAnew = clock.nextSleep(40_000);
      clock.advance(30_000);
      await pinged;
      await waitsAnew;
    }
    server.sockets[0]?.send("at last");
    expect(shown((await reading)?.values ?? [])).toEqual(["at last"]);
    await source.close();
  });

  test("with a message over recordBytesMax rejects it, and is read on from what comes after", async () => {
    const edge = limits.recordBytesMax.default;
    const server = await serveWebsocket((socket, turn) => {
      if (turn === 1) return socket.send("after");
      socket.send(Buffer.alloc(edge, "e"));
      socket.send(Buffer.alloc(edge + 1, "x"));
    });
    const clock = new ManualClock(60_000);
    const settings = { endpoint: server.url, ...patient };
    const source = await open(settings, testContext({ once: false, clock }));
    const seen: string[] = [];
    while (seen.at(-1) !== "5") {
      const reading = await source.read(new FrameBuffer(), never);
      if (reading === undefined) throw new Error("it ended");
      for (const record of Batch.of(reading.frame)) seen.push(String(record.value.length));
      for (const { code, where } of reading.rejections)
        seen.push(`${code} ${formatWhere(where).replace(/^.*#/, "#")}`);
    }
    expect(seen).toEqual([String(edge), "record.too-large #2", "5"]);
    await source.close();
  });

  test("does not run ahead of who reads it", async () => {
    const sent: number[] = [];
    const server = await serveWebsocket((socket) => {
      const next = (): void => {
        sent.push(sent.length);
        if (sent.length > 3000) socket.close();
        else socket.send(Buffer.alloc(20_000, String(sent.length)), next);
      };
      next();
    });
    const source = await open({ endpoint: server.url }, testContext({ batchBytes: 100_000 }));
    const first = await readOne(source);
    expect(first?.values.length).toBeLessThanOrEqual(10);
    // What is not read waits in the system's buffers, and then with the server.
    const readings = await readAll(source);
    expect((first?.values.length ?? 0) + valuesOf(readings).length).toBe(3000);
    await source.close();
  });

  test("is told as a failure where it is refused, or nobody listens", async () => {
    const server = await serveWebsocket(() => {}, { refuse: () => 401 });
    const refused = await open({ endpoint: server.url }, testContext({}));
    await expect(readOne(refused)).rejects.toMatchObject({
      code: "http.status",
      message: "the websocket was answered with 401 Unauthorized",
      where: { url: server.url },
      hint: "check the credentials in `http.headers`",
    });
    const endpoint = (await unusedUrl()).replace("http:", "ws:");
    const context = testContext({ clock: new ManualClock(60_000) });
    const nobody = await open({ endpoint, timeout: "1d" }, context);
    await expect(readOne(nobody)).rejects.toMatchObject({
      code: "http.unreachable",
      message: "the websocket failed: nothing listens there (connection refused)",
    });
  });

  test("that comes to nothing within the timeout is a failure", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const clock = new ManualClock();
    const source = await open(
      { endpoint: `ws://127.0.0.1:${port}/`, timeout: "7s" },
      testContext({ once: false, clock }),
    );
    const stop = new AbortController();
    const reading = source.read(new FrameBuffer(), stop.signal);
    await clock.sleeping(7000);
    clock.advance(7000);
    stop.abort();
    expect(await reading).toBeUndefined();
    await source.close();
    silent.close();
  });

  test("is not taken apart", async () => {
    await expect(
      open({ endpoint: "ws://127.0.0.1:1/" }, testContext({}), { extract: { "json-array": "" } }),
    ).rejects.toThrow("each message of a websocket is a record");
  });
});
