import { createHash } from "node:crypto";
import { realpath, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MillraceError, messageOf } from "../errors.ts";

/** A held lock. The operating system lets go of it when the process ends, however it ends. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Makes sure that one process at a time runs the pipeline of this name on these topics. The lock is a local socket
 * that listens under a name made from both: the system allows one listener, and it goes with its process, so nothing
 * stale stays behind.
 *
 * @throws MillraceError `pipeline.locked`
 */
export async function lockPipeline(pipeline: string, topicFolder: string): Promise<Lock> {
  const folder = await realpath(topicFolder);
  const id = createHash("sha256").update(`${folder}\0${pipeline}`).digest("hex").slice(0, 32);
  const address = socketAddress(`millrace-${id}`);
  let server = await listen(address);
  if (server === undefined && isFile(address) && !(await answers(address))) {
    // A socket file outlives a process that was killed; where the system keeps sockets as files, one that nobody
    // answers is removed.
    await unlink(address).catch(() => {});
    server = await listen(address);
  }
  if (server === undefined) {
    throw new MillraceError(
      "pipeline.locked",
      `the pipeline "${pipeline}" is running already on the topics in ${folder}`,
      {
        hint: "stop the other run first, or give one of the two another `meta.name`",
      },
    );
  }
  const held = server;
  return { release: () => new Promise((resolve) => held.close(() => resolve())) };
}

/** Linux and Windows have names for sockets that are no files. */
function socketAddress(name: string): string {
  if (process.platform === "linux") return `\0${name}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
  return join(tmpdir(), `${name}.sock`);
}

function isFile(address: string): boolean {
  return address.startsWith("/");
}

/** A server listening there, or undefined when somebody else is. */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else
        reject(
          new MillraceError("pipeline.locked", `the pipeline's lock cannot be taken: ${messageOf(error)}`, {
            cause: error,
          }),
        );
    });
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
