import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The oldest browsers that the window runs in: WebKitGTK 2.40 and WebView2 of the same spring.
const target = ["safari16.4", "chrome111"];

export default defineConfig({
  plugins: [react(), tailwindcss()],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  preview: { port: 1420, strictPort: true },
  build: {
    target,
    cssTarget: target,
    // The policy of the window lets scripts and styles come from files only: nothing is put into the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    css: false,
    restoreMocks: true,
    // Left to itself it spares one core, which on two is half of them.
    maxWorkers: "100%",
    // A PC that builds something else meanwhile is slow, not wrong.
    testTimeout: 30_000,
  },
});
