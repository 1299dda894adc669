import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineConfig } from "rolldown";

// The command line in few files: to find and read some hundred takes several times as long as the start of Node. The library
// is used as the compiler makes it. A file that finds something beside itself stands two folders deep in `dist`, as its chunk
// does, or is an entry here.
export default defineConfig({
  input: { bin: "src/bin.ts", worker: "src/run/guest-thread/worker.ts" },
  platform: "node",
  // Every call needs these two before it does anything; all else is loaded by those who need it.
  external: (specifier) => /^[^./]/.test(specifier) && !["commander", "picocolors"].includes(specifier),
  plugins: [withoutChildProcesses(), withLicenses()],
  output: {
    dir: "dist",
    entryFileNames: ({ name }) => (name === "bin" ? "bin.js" : "bundle/[name].js"),
    chunkFileNames: "bundle/[name].js",
    sourcemap: true,
    minify: { compress: false, mangle: false },
    codeSplitting: {
      groups: [
        {
          name: "engine",
          test: /src\/(errors|limits|base\/|record\/|engine\/|modules\/|devkit\/trial\/(?!plan))/,
        },
        {
          name: "cli",
          // No file that imports more than this statically: what a group imports is taken into it.
          test: /src\/cli\/((index|main|program|outcome|session|usage|help|whole-number)\.ts|output\/|[\w-]+\/command\.ts|test\/(module|given))/,
        },
      ],
    },
  },
});

/** The parser can run commands that are programs of their own, which there are none of, and loads what that takes at once. */
function withoutChildProcesses() {
  return {
    name: "without-child-processes",
    transform: {
      filter: { id: /commander\/lib\/command\.js$/ },
      handler(code) {
        const wanted = "require('node:child_process')";
        if (!code.includes(wanted)) this.error(`${wanted} is not there any more`);
        // As long as it was, so that all else is where the source map says.
        return { code: code.replace(wanted, "undefined".padEnd(wanted.length)), map: null };
      },
    },
  };
}

/** What packages ask of those who hand them on. */
function withLicenses() {
  return {
    name: "with-licenses",
    async generateBundle() {
      const paths = [...this.getModuleIds()].flatMap(
        (id) => /^.*\/node_modules\/[^/]+\//.exec(id)?.[0] ?? [],
      );
      const texts = [...new Set(paths)].map(async (path) => {
        const license = await readFile(join(path, "LICENSE"), "utf8");
        return `${path.split("/").at(-2)}\n\n${license}`;
      });
      const source = (await Promise.all(texts)).join("\n\n");
      this.emitFile({ type: "asset", fileName: "bundle/LICENSES.txt", source });
    },
  };
}
