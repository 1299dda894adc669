import { defineConfig } from "rolldown";

// The command line in few files: to find and read some hundred takes several times as long as the start of Node. The library
// is used as the compiler makes it. A file that finds something beside itself stands two folders deep in `dist`, as its chunk
// does, or is an entry here.
export default defineConfig({
  input: { bin: "src/bin.ts", worker: "src/run/guest-thread/worker.ts" },
  platform: "node",
  external: /^[^./]/,
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
