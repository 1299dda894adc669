import { writeFile } from "node:fs/promises";

/** Log records as a service writes them: JSON, about 200 bytes a line, one level in five is "error". */
export interface Workload {
  readonly path: string;
  readonly records: number;
  readonly bytes: number;
  /** Records whose level is "error". */
  readonly matching: number;
}

const services = ["checkout", "payments", "catalog", "search", "sessions"];
const messages = [
  "request finished with upstream status in the expected time",
  "cache entry refreshed after the background job had noticed a change",
  "connection to the primary store was reset and opened again",
  "client closed the connection before the response was complete",
];
const quiet = ["info", "info", "debug", "warn"];

/** Writes the same file each time: numbers come from a fixed seed. */
export async function writeWorkload(path: string, records: number): Promise<Workload> {
  let seed = 42;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 4294967296) * below);
  };
  const lines: string[] = [];
  let matching = 0;
  for (let i = 0; i < records; i++) {
    const failing = next(5) === 0;
    if (failing) matching++;
    lines.push(
      JSON.stringify({
        timestamp: 1_764_000_000_000 + i * 7,
        service: services[next(services.length)],
        level: failing ? "error" : quiet[next(quiet.length)],
        message: messages[next(messages.length)],
        request: (next(2 ** 31) + 2 ** 31).toString(16),
        durationMs: next(100_000) / 100,
        status: failing ? 500 + next(4) : 200,
      }),
    );
  }
  const text = `${lines.join("\n")}\n`;
  await writeFile(path, text);
  return { path, records, bytes: Buffer.byteLength(text), matching };
}
