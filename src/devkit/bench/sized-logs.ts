const services = ["checkout", "payments", "catalog", "search", "sessions"];
const quiet = ["info", "info", "debug", "warn"];
const sentences = [
  "request finished with upstream status in the expected time",
  'cache entry "catalog:17" refreshed after the background job had noticed a change',
  "connection to the primary store was reset and opened again\n\tat Pool.acquire (pool.js:118:9)",
  "client closed the connection before the response was complete",
];

/**
 * Log records of about a size, as services write them, the same for each seed: JSON with numbers, escapes and, where there is
 * room, nested objects. `level` stands after the first third of the text, so that what is before and behind it both count; one in
 * five is "error".
 */
export function sizedLogs(count: number, recordBytes: number, firstSeed: number): readonly string[] {
  let seed = firstSeed >>> 0;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 4294967296) * below);
  };
  const sentence = (): string => sentences[next(sentences.length)] as string;
  const fill = (target: number): Record<string, unknown> => {
    const filled: Record<string, unknown> = {};
    let length = 2;
    for (let i = 0; length < target; i++) {
      const value =
        i % 3 === 0
          ? { id: next(2 ** 31), ms: next(100_000) / 100, tags: ["eu", "blue", null, true] }
          : sentence();
      filled[`span${i}`] = value;
      length += `"span${i}":`.length + JSON.stringify(value).length + (i === 0 ? 0 : 1);
    }
    return filled;
  };
  const records: string[] = [];
  for (let i = 0; i < count; i++) {
    const failing = next(5) === 0;
    const before =
      recordBytes > 600 ? { context: fill(recordBytes / 3) } : { time: 1_764_000_000_000 + i * 7 };
    const level = failing ? "error" : quiet[next(quiet.length)];
    const service = services[next(services.length)];
    const behind =
      recordBytes > 600
        ? {
            message: sentence(),
            trace: fill(recordBytes / 2),
            durationMs: next(100_000) / 100,
            status: failing ? 503 : 200,
          }
        : recordBytes > 150
          ? {
              message: sentence(),
              request: next(2 ** 31).toString(16),
              durationMs: next(100_000) / 100,
              status: failing ? 503 : 200,
            }
          : { ms: next(100_000) / 100, status: failing ? 503 : 200 };
    records.push(JSON.stringify({ ...before, service, level, ...behind }));
  }
  return records;
}
