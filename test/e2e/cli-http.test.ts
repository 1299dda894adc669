import { describe, expect, test } from "vitest";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";
import { serve } from "../connector/support/web-server.ts";

describe("http and webhook from the command line", () => {
  test("what comes in by a webhook goes out by an http-sink, with the place it has in the topic", async () => {
    const cwd = await folderWith();
    const webhook = start(
      ["run", "webhook-source", "--topic", "events", "--port", "0", "--token", "geheim"],
      { cwd },
    );
    await webhook.until("stderr", "a port that was free");
    const [, url = ""] = /takes requests at ([^\s,]+)/.exec(webhook.stderr.toString()) ?? [];
    const post = async (body: string, token: string): Promise<number> =>
      (await fetch(url, { method: "POST", body, headers: { authorization: `Bearer ${token}` } })).status;
    expect(await post('{"a":1}', "geheim")).toBe(200);
    expect(await post('{"a":2}', "falsch")).toBe(401);
    expect(await post('{"a":3}', "geheim")).toBe(200);
    webhook.child.kill("SIGINT");
    expect(await webhook.ended).toMatchObject({ code: 0 });
    const server = await serve((response) => response.end());
    const sent = await millrace(
      ["run", "http-sink", "--topic", "events", "--endpoint", server.url, "--once"],
      { cwd },
    );
    expect(sent).toMatchObject({ code: 0, stderr: "" });
    expect(server.bodies).toEqual(['{"a":1}', '{"a":3}']);
    expect(server.requests.map(({ headers }) => headers["idempotency-key"])).toEqual([
      "events/0",
      "events/1",
    ]);
  });

  test("what a server refuses is left out under skip, and asked again only for what has changed", async () => {
    const cwd = await folderWith();
    const feed = await serve((response, request) => {
      response.setHeader("etag", '"1"');
      if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
      else response.end("[1,2,3]");
    });
    const words = ["run", "http-source", "--topic", "numbers", "--endpoint", feed.url, "--once"];
    const extract = ["--extract", "json-array="];
    expect((await millrace([...words, ...extract], { cwd })).stdout).toContain("3 records read");
    expect((await millrace([...words, ...extract], { cwd })).stdout).toContain("0 records read");
    const server = await serve((response) => {
      response.writeHead(server.bodies.at(-1) === "2" ? 422 : 200).end();
    });
    const sink = ["run", "http-sink", "--topic", "numbers", "--endpoint", server.url, "--once"];
    const { stdout, stderr, code } = await millrace([...sink, "--on-error", "skip"], { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain("POST was answered with 422 Unprocessable Entity");
    expect(stdout).toContain("read 3 = delivered 2 + filtered 0 + dead-lettered 0 + skipped 1 + in flight 0");
  });

  test("a stream is read to its end", async () => {
    const cwd = await folderWith();
    const server = await serve((response) => response.end("one;two;tail"));
    const words = ["run", "http-source", "--topic", "parts", "--endpoint", server.url];
    const { code, stdout } = await millrace([...words, "--stream", "--delimiter", ";", "--once"], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining("3 records read")]);
    const consumed = await millrace(["topic", "consume", "parts"], { cwd });
    expect(consumed.stdout).toBe("one\ntwo\ntail\n");
  });
});
