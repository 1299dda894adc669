// Shows, by the calls that a process makes of the system, that an append is durable before it is acknowledged:
//
//   npm run build && node test/crash/trace-append.js
//
// It needs strace, and so is no test. It exits with 1 where the order is not what it should be.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const append = `
  import { writeSync } from "node:fs";
  import { Batch, frameOf } from ${JSON.stringify(new URL("../../dist/record/index.js", import.meta.url).href)};
  import { openLmdbStore } from ${JSON.stringify(new URL("../../dist/topic/index.js", import.meta.url).href)};
  const store = await openLmdbStore(process.argv[1]);
  const topic = await store.open("traced", { create: true });
  writeSync(1, "begin\\n");
  await topic.append(Batch.of(frameOf(["x".repeat(10_000)])), { pipeline: "in", position: { at: 1 } });
  writeSync(1, "acknowledged\\n");
  await store.close();
`;

const folder = mkdtempSync(join(tmpdir(), "millrace-trace-"));
try {
  process.exitCode = trace(folder);
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {string} folder */
function trace(folder) {
  if (!existsSync(new URL("../../dist/topic/index.js", import.meta.url))) {
    console.error("there is no dist/: run `npm run build` first");
    return 2;
  }
  const calls = "trace=openat,pwrite64,pwritev,write,writev,fdatasync,fsync,msync";
  const program = [process.execPath, "--input-type=module", "--eval", append, "--", join(folder, "topics")];
  // One file for each thread, with the time of each call, so that no call is cut in two by that of another thread.
  const { error, status } = spawnSync(
    "strace",
    ["-ff", "-ttt", "-y", "-e", calls, "-o", join(folder, "trace"), ...program],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  if (error !== undefined || status !== 0) {
    console.error(`strace could not be run (${error?.message ?? `status ${status}`})`);
    return 2;
  }
  const lines = readdirSync(folder)
    .filter((name) => name.startsWith("trace"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b))
    .map((line) => line.slice(line.indexOf(" ") + 1));
  const from = lines.findIndex((line) => /^write\(1.*begin/.test(line));
  const to = lines.findIndex((line) => /^write\(1.*acknowledged/.test(line));
  const shown = lines
    .slice(from, to + 1)
    .filter((line) => line.includes("data.mdb") || line.startsWith("write(1"));
  for (const line of shown) console.log(line.replaceAll(folder, "…").replace(/"(.{24}).*?"\.*/, '"$1"…'));
  return isDurable(lines, shown) ? 0 : 1;
}

/**
 * Pages, then a sync of them, then the root of the tree through a descriptor that is synced with each write.
 * @param {readonly string[]} lines
 * @param {readonly string[]} shown
 */
function isDurable(lines, shown) {
  const opened = lines.find((line) => line.includes("data.mdb") && line.includes("O_DSYNC"));
  const rootFile = /= (\d+)</.exec(opened ?? "")?.[1];
  const root = shown.findLastIndex((line) => line.startsWith(`pwrite64(${rootFile}<`));
  const sync = shown.findLastIndex((line, i) => i < root && line.startsWith("fdatasync("));
  const pages = shown.findLastIndex((line, i) => i < sync && /^pwritev?(64)?\(/.test(line));
  const isInOrder =
    rootFile !== undefined && 0 < pages && pages < sync && sync < root && root < shown.length - 1;
  console.log(
    isInOrder
      ? "\npages, sync, root: durable before it is acknowledged"
      : "\nthe order is not what it should be",
  );
  return isInOrder;
}
