// @ts-check
// Serves the earthquakes of the package vega-datasets as the feed that inbound.yaml reads: http://127.0.0.1:8917/earthquakes.json
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const port = 8917;
export const feedPath = join(
  dirname(createRequire(import.meta.url).resolve("vega-datasets")),
  "../data/earthquakes.json",
);

/** Resolves with the server once it listens. */
export async function serve() {
  const server = createServer((request, response) => {
    if (request.url !== "/earthquakes.json") {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": "application/geo+json" });
    createReadStream(feedPath).pipe(response);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await serve();
  console.log(`serving http://127.0.0.1:${port}/earthquakes.json, Ctrl-C ends`);
}
