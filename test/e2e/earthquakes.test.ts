import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { feedPath } from "../../examples/earthquakes/serve.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Feature {
  readonly properties: { readonly mag: number; readonly place: string; readonly time: number };
  readonly geometry: { readonly coordinates: readonly number[] };
}

test("npm start does the main job: every strong earthquake of the feed, and no other, arrives in the file, shaped", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["examples/earthquakes/start.js"], {
    cwd: root,
  });
  const { features } = JSON.parse(await readFile(feedPath, "utf8")) as { features: readonly Feature[] };
  const expected = features
    .filter(({ properties }) => properties.mag >= 4)
    .map(({ properties, geometry }) => ({
      place: properties.place,
      magnitude: properties.mag,
      time: properties.time,
      coordinates: geometry.coordinates,
    }));
  expect(expected).toHaveLength(128);
  const lines = (await readFile(`${root}/examples/earthquakes/out/earthquakes.ndjson`, "utf8"))
    .trimEnd()
    .split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(expected);
  expect(stdout).toContain(
    "read 1,707 = delivered 128 + filtered 1,579 + dead-lettered 0 + skipped 0 + in flight 0",
  );
  expect(stdout).toContain(
    "read 128 = delivered 128 + filtered 0 + dead-lettered 0 + skipped 0 + in flight 0",
  );
  expect(stdout).toContain(lines[0]);
});
