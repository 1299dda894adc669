import { existsSync } from "node:fs";

const dist = new URL("../../dist/", import.meta.url);

/**
 * A file of the built package, for what only that can do: threads of their own start from JavaScript.
 * @param path below `src`, such as `run/processor.ts`
 */
export async function importBuilt<Exports>(path: string): Promise<Exports> {
  const url = new URL(path.replace(/ts$/, "js"), dist);
  if (!existsSync(url)) throw new Error(`${url.pathname} is missing: run \`npm run build\``);
  return (await import(url.href)) as Exports;
}
