import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** An installed browser: where its binary is, and what its process needs in its environment. */
export interface Chromium {
  readonly executablePath: string;
  readonly environment: Readonly<Record<string, string>>;
}

const packageName = "@sparticuz/chromium";
const systemBinary = "/usr/bin/chromium";
const cacheFolder = join(import.meta.dirname, "../../node_modules/.cache/millrace-chromium");

/** Whether this machine has a browser for tests: `MILLRACE_CHROMIUM`, Debian's, or the one of the npm package. */
export function hasChromium(): boolean {
  return process.env.MILLRACE_CHROMIUM !== undefined || existsSync(systemBinary) || packageRunsHere();
}

/** Finds the browser, and unpacks the one of the npm package when it is used for the first time. */
export async function findChromium(): Promise<Chromium> {
  const named = process.env.MILLRACE_CHROMIUM;
  if (named !== undefined) {
    if (!existsSync(named)) throw new Error(`MILLRACE_CHROMIUM names ${named}, which does not exist`);
    return { executablePath: named, environment: {} };
  }
  if (existsSync(systemBinary)) return { executablePath: systemBinary, environment: {} };
  if (!packageRunsHere()) {
    throw new Error(
      `no browser for tests: ${packageName} has a binary for Linux on x64 only; set MILLRACE_CHROMIUM to the path of a Chromium`,
    );
  }
  const folder = await unpackedPackage();
  const fonts = join(folder, "fonts-here.conf");
  if (!existsSync(fonts)) await writeFile(fonts, fontsConfig(folder));
  return {
    executablePath: join(folder, "chromium"),
    environment: {
      // The package carries the few libraries and fonts that a minimal Linux lacks.
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: fonts,
    },
  };
}

/** The package's own looks for its fonts where a cloud has them, and finds none elsewhere. */
function fontsConfig(folder: string): string {
  const folders = [join(folder, "fonts"), "/usr/share/fonts"].map((each) => `<dir>${each}</dir>`);
  const cache = `<cachedir>${join(folder, "fonts-cache")}</cachedir>`;
  return `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>${folders.join("")}${cache}</fontconfig>\n`;
}

function packageRunsHere(): boolean {
  return process.platform === "linux" && process.arch === "x64";
}

async function unpackedPackage(): Promise<string> {
  const manifestPath = join(import.meta.dirname, "../../node_modules", packageName, "package.json");
  const { version } = JSON.parse(await readFile(manifestPath, "utf8")) as { version: string };
  const folder = join(cacheFolder, version);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const staging = await mkdtemp(join(cacheFolder, "unpacking-"));
  try {
    await unpackInto(staging);
    // Test files run side by side: each unpacks for itself, and the first to finish gives the folder its name.
    await rename(staging, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

/** The package unpacks into the temporary folder of its process, and its libraries only where it believes to be in a cloud. */
async function unpackInto(folder: string): Promise<void> {
  const script = `import chromium from ${JSON.stringify(packageName)}; await chromium.executablePath();`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" },
  });
}
