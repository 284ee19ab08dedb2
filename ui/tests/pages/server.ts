import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";

const ui = fileURLToPath(new URL("../..", import.meta.url));

declare module "vitest" {
  interface ProvidedContext {
    /** Where the page is served. */
    pageUrl: string;
  }
}

/**
 * Builds the page with the scripted shop inside, into a folder of its own, and serves it on a free port under the very
 * policy that the window has.
 */
export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(path.join(tmpdir(), "zhanggui-pages-"));
  await build({ root: ui, mode: "mock", logLevel: "warn", build: { outDir, emptyOutDir: true } });
  const server = await preview({
    root: ui,
    mode: "mock",
    logLevel: "warn",
    build: { outDir },
    preview: {
      host: "127.0.0.1",
      port: 0,
      strictPort: false,
      headers: { "Content-Security-Policy": await policy() },
    },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server of the pages has no port");
  }
  project.provide("pageUrl", `http://127.0.0.1:${address.port}/`);
  return async () => {
    await server.close();
    await rm(outDir, { recursive: true });
  };
}

/** The content security policy as `tauri.conf.json` has it. */
async function policy(): Promise<string> {
  const file = path.join(ui, "../src-tauri/tauri.conf.json");
  const { app } = JSON.parse(await readFile(file, "utf8")) as { app: { security: { csp: Record<string, string> } } };
  return Object.entries(app.security.csp)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join("; ");
}
