// Builds the modules of this folder and writes their hashes beside them, in the form that `sha256sum --check` reads.
// Usage: npm run build:modules
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildModule } from "../dist/devkit/index.js";

const names = ["json-filter", "json-pick"];

for (const name of names) {
  const folder = fileURLToPath(new URL(`assemblyscript/${name}/`, import.meta.url));
  const output = `${folder}${name}.wasm`;
  const { wasm, sha256, kind, warnings } = await buildModule({ source: folder, output });
  await writeFile(`${output}.sha256`, `${sha256}  ${name}.wasm\n`);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.stdout.write(`${name}: ${kind}, ${wasm.length} bytes, ${sha256}\n`);
}
