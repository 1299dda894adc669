import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { main, type World } from "../../src/cli/index.ts";
import { FakeStream } from "./support/fake-stream.ts";
import { folderWith } from "./support/millrace.ts";
import { screenOf } from "./support/terminal-screen.ts";

const columns = 80;

function worldOf(streams: Pick<World, "stdout" | "stderr">, environment = {}): World {
  return {
    stdin: Readable.from([]),
    ...streams,
    environment: { LANG: "C.UTF-8", ...environment },
    stopSignal: () => new AbortController().signal,
  };
}

/** A server that gives its one answer when it is let go; the URL is that of a list of two records. */
async function heldServer(): Promise<{ readonly url: string; release(): void }> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer((_request, response) => {
    void released.then(() => response.setHeader("content-type", "application/json").end("[1,2]"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/list`, release };
}

test("on a terminal a run shows its stages while it goes on, and leaves only the closing table", async () => {
  const { url, release } = await heldServer();
  const folder = await folderWith({
    "in.yaml": [
      "apiVersion: 0.1.0",
      "meta: { name: list-in, type: http-source, topic: list, version: 0.1.0 }",
      `http: { endpoint: "${url}", interval: 60s }`,
      'millrace: { extract: { json-array: "" } }',
      "",
    ].join("\n"),
  });
  const stdout = new FakeStream({ isTTY: true, columns });
  let live = "";
  const stderr = new FakeStream({
    isTTY: true,
    columns,
    // The server answers once the lines are there, so that they are seen however fast the machine is.
    onWrite(text) {
      if (live !== "" || !text.includes("http-source")) return;
      live = text;
      release();
    },
  });
  const words = ["run", join(folder, "in.yaml"), "--once", "--topics", join(folder, "topics")];
  expect(await main(words, worldOf({ stdout, stderr }))).toBe(0);
  expect(screenOf(live, columns)).toEqual([
    "stage   name         in  out  dropped  failed  letters  records/s",
    "source  http-source   0    0        0       0        0          -",
    "sink    topic list    0    0        0       0        0          -",
    "",
  ]);
  expect(screenOf(stderr.text, columns)).toEqual([""]);
  expect(stdout.text).toContain("\u001B[32m✓\u001B[39m list-in: done in ");
  expect(screenOf(stdout.text, columns)).toContain(
    "read 2 = delivered 2 + filtered 0 + dead-lettered 0 + skipped 0 + in flight 0",
  );
});

test("colours are for terminals that want them", async () => {
  const callWith = async (isTTY: boolean, environment: object): Promise<string> => {
    const stderr = new FakeStream({ isTTY, columns });
    const code = await main(["rnu"], worldOf({ stdout: new FakeStream(), stderr }, environment));
    expect(code).toBe(2);
    return stderr.text;
  };
  expect(await callWith(true, {})).toContain("\u001B[31m✗\u001B[39m unknown command");
  expect(await callWith(true, { NO_COLOR: "1" })).not.toContain("\u001B");
  expect(await callWith(false, {})).not.toContain("\u001B");
});

test("headings of help are bold on a terminal only", async () => {
  const help = async (isTTY: boolean): Promise<string> => {
    const stdout = new FakeStream({ isTTY, columns });
    expect(await main(["run", "--help"], worldOf({ stdout, stderr: new FakeStream() }))).toBe(0);
    return stdout.text;
  };
  expect(await help(true)).toContain("\u001B[1mOptions:\u001B[22m");
  expect(await help(false)).not.toContain("\u001B");
});

test("output that cannot be written fails the command", async () => {
  const folder = await folderWith();
  const stderr = new FakeStream();
  const stdout = new FakeStream({ failsWith: () => "ENOSPC" });
  const code = await main(["topic", "list", "--topics", folder], worldOf({ stdout, stderr }));
  expect(code).toBe(3);
  expect(stderr.text).toContain("✗ standard output cannot be written: write ENOSPC");
});
