import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { type Block, blocksOf } from "./blocks.ts";

const project = join(import.meta.dirname, "../..");
const documents = ["README.md", ...markdownFiles("docs")];

test.each(documents)(
  "what %s tells readers to copy works as it stands",
  { timeout: 180_000 },
  async (path) => {
    expect(existsSync(join(project, "dist/bin.js")), "`npm run build` makes dist, which this runs").toBe(
      true,
    );
    const folder = await mkdtemp(join(tmpdir(), "millrace-document-"));
    try {
      await layDown(folder);
      let output = "";
      for (const block of blocksOf(await readFile(join(project, path), "utf8"))) {
        const place = `${path}:${block.line}`;
        if (block.use === "unmarked")
          expect.fail(`${place} is a block of ${block.language} that says not what becomes of it`);
        if (block.use === "file") await writeFileIn(folder, block.name, block.code);
        if (block.use === "run") output = await run(block, folder, place);
        if (block.use === "prints") expectPrinted(output, block.code, place);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test.each(documents)("the links of %s lead somewhere in this project", async (path) => {
  const text = await readFile(join(project, path), "utf8");
  for (const [, link = ""] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
    expect(existsSync(join(project, dirname(path), link)), `${path} links to ${link}`).toBe(true);
  }
});

function markdownFiles(folder: string): readonly string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** What `npm install millrace` would lay down in a reader's folder, beside what a checkout has. */
async function layDown(folder: string): Promise<void> {
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
  await symlink(project, join(folder, "node_modules/millrace"));
  await symlink(join(project, "dist/bin.js"), join(folder, "node_modules/.bin/millrace"));
  // Compilers that a document has its readers install.
  for (const tool of ["tsc", "wat2wasm"]) {
    await symlink(join(project, "node_modules/.bin", tool), join(folder, "node_modules/.bin", tool));
  }
  for (const name of ["smartmodules", "examples", "test"])
    await symlink(join(project, name), join(folder, name));
}

async function writeFileIn(folder: string, name: string, code: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), code);
}

async function run(block: Block & { use: "run" }, folder: string, place: string): Promise<string> {
  const [program, args] =
    block.language === "js"
      ? [process.execPath, ["--input-type=module", "--eval", block.code]]
      : ["sh", ["-e", "-c", block.code]];
  const path = `${join(folder, "node_modules/.bin")}:${process.env.PATH}`;
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd: folder,
      env: { ...process.env, PATH: path },
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return expect.fail(`${place} does not work:\n${stdout}${stderr}`);
  }
}

/** Every line stands in the output, each behind the one before. */
function expectPrinted(output: string, lines: string, place: string): void {
  const printed = output.split("\n");
  let from = 0;
  for (const line of lines.trimEnd().split("\n")) {
    const pattern = new RegExp(`^${line.trimEnd().split("…").map(escapeRegExp).join(".*")}\\s*$`);
    const at = printed.findIndex((text, i) => i >= from && pattern.test(text));
    expect(
      at,
      `${place}: "${line}" is not printed, or not there, by what stands before:\n${output}`,
    ).toBeGreaterThanOrEqual(0);
    from = at + 1;
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
