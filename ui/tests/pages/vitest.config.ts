import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The screens in a real browser, on the scripted shop, under the policy of the shipped window.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    environment: "node",
    include: ["tests/pages/**/*.test.ts"],
    globalSetup: ["tests/pages/server.ts"],
    // One browser is enough for two cores; its contexts keep the tests apart.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
