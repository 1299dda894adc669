// Builds the modules of this folder and writes their hashes beside them, in the form that `sha256sum --check` reads.
// Usage: npm run build:modules
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildModule } from "../dist/devkit/index.js";

const modules = fileURLToPath(new URL("assemblyscript/", import.meta.url));
const names = readdirSync(modules).filter((name) => existsSync(`${modules}${name}/module.yaml`));

for (const name of names.sort()) {
  const folder = `${modules}${name}/`;
  const output = `${folder}${name}.wasm`;
  const { wasm, sha256, kind, warnings } = await buildModule({ source: folder, output });
  await writeFile(`${output}.sha256`, `${sha256}  ${name}.wasm\n`);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.stdout.write(`${name}: ${kind}, ${wasm.length} bytes, ${sha256}\n`);
}
