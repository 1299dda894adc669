#!/usr/bin/env node
import { closeSync, openSync } from "node:fs";
import nodeModule from "node:module";
import { constants } from "node:os";

// Node keeps what it has compiled for the next call, from 22.1 on; it must be told before there is anything to keep.
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();
const { main } = await import("./cli/index.ts");

const stop = new AbortController();
let isListening = false;

/** The first interrupt lets the command end in good order, the second does not wait for it. */
function stopSignal(): AbortSignal {
  if (isListening) return stop.signal;
  isListening = true;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) endAtOnce(name);
      else stop.abort();
    });
  }
  return stop.signal;
}

/** Whoever listens to a hangup outlives the terminal, which nobody wants of what runs in one. */
function onReload(listener: () => void): void {
  const terminal = hasTerminal();
  process.on("SIGHUP", () => {
    if (terminal && !hasTerminal()) endAtOnce("SIGHUP");
    else listener();
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/** Ends the process with 128 and the number of the signal. */
function endAtOnce(name: "SIGINT" | "SIGTERM" | "SIGHUP"): void {
  // An exit waits for writes under way, which may never end. A signal that nobody listens to does not; the exit is for
  // where that is ignored, as by the first process of a container.
  process.removeAllListeners(name);
  process.kill(process.pid, name);
  process.exit(128 + constants.signals[name]);
}

// The process is left to end by itself, so that what was written gets out.
process.exitCode = await main(process.argv.slice(2), {
  // Looked for only when a command reads it: the platform opens it at the first look.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  stopSignal,
  // What nobody catches is printed by the platform, which knows no secrets.
  onCrash: (redact) => void process.on("uncaughtExceptionMonitor", redact),
  onReload,
});
