import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { makeQueryClient } from "./app/query-client";
import "./styles.css";

// The scripted shop is left out of every other build.
if (import.meta.env.MODE === "mock") {
  const { installFake } = await import("./ipc/fake");
  installFake();
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App client={makeQueryClient()} />
    </StrictMode>,
  );
}
