import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The screens in a real browser, on the scripted shop, under the policy of the shipped window.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    environment: "node",
    include: ["tests/pages/**/*.test.ts"],
    globalSetup: ["tests/pages/server.ts"],
    // A browser waits as often as it works: two of them share two cores. Contexts keep the tests of one apart.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
