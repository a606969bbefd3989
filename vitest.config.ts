// `npx vitest run --project unit` needs no build and is quick; the project e2e drives the built command line.

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const e2e = "test/e2e/**/*.test.ts";

export default defineConfig({
  test: {
    // Tests change the working directory, signals and namespaces of their process.
    pool: "forks",
    // Most of them wait for other programs, and vitest would leave one core of two unused.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [e2e],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: [e2e],
          globalSetup: "test/e2e/setup.ts",
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
