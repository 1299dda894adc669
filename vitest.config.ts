import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/support/count-reporter.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    // By its full path, since the tests of the reporter run this config in folders of their own.
    setupFiles: [fileURLToPath(new URL("test/support/property-seed.ts", import.meta.url))],
    // A fork per file: tests load native addons and spawn processes, which worker threads share badly.
    pool: "forks",
    // As many at a time as there are cores; one core is left idle otherwise, which doubles the time on a machine with two.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    reporters: ["default", new CountReporter()],
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["text", "html"] },
  },
});
