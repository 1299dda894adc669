import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { onTestFinished } from "vitest";

const program = join(import.meta.dirname, "../../../dist/bin.js");

export interface CallOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What stands in its standard input; without it there is none. */
  readonly input?: string | Uint8Array;
}

/** How a call of the program has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A call of the built program in a process of its own. */
export class Call {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  constructor(words: readonly string[], { cwd, env, input }: CallOptions = {}) {
    if (!existsSync(program)) throw new Error(`${program} is not there: run \`npm run build\` first`);
    this.child = spawn(process.execPath, [program, ...words], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env.PATH, LANG: "C.UTF-8", ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    // Who ends without reading its input is heard of by its exit code.
    this.child.stdin.on("error", () => {});
    this.child.stdin.end(input);
    // Text as bytes, one character each, so that a chunk may end inside a character.
    this.child.stdout.setEncoding("latin1").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr.setEncoding("latin1").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => {
        resolve({ code, signal, stdout: this.stdout.toString(), stderr: this.stderr.toString() });
      });
    });
  }

  get stdout(): Buffer {
    return Buffer.from(this.#stdout, "latin1");
  }

  get stderr(): Buffer {
    return Buffer.from(this.#stderr, "latin1");
  }

  /** Resolves when the output has a text. */
  until(stream: "stdout" | "stderr", text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this[stream].includes(text)) resolve();
      };
      this.child[stream].on("data", look);
      this.child.once("close", () => reject(new Error(`the call ended without ${text}: ${this[stream]}`)));
      look();
    });
  }
}

/** Starts a call, which is killed when the test has finished and the call has not. */
export function start(words: readonly string[], options?: CallOptions): Call {
  const call = new Call(words, options);
  onTestFinished(async () => {
    call.child.kill("SIGKILL");
    await call.ended;
  });
  return call;
}

export function millrace(words: readonly string[], options?: CallOptions): Promise<Ended> {
  return start(words, options).ended;
}

/** A new folder with files in it, which is gone after the test. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}
