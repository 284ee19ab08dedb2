import { CSPProvider } from "@base-ui/react/csp-provider";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactElement, ReactNode } from "react";
import { Refresher } from "../app/changes";
import { makeQueryClient } from "../app/query-client";
import { ToastProvider } from "../components";
import { ConsoleProvider } from "../console/shop";
import type { Console } from "../ipc/bindings";
import { api } from "../ipc/client";
import { onChanged } from "../ipc/events";

/** Draws a screen as the frame would, on whatever host was set before: shop, queries, events and toasts. */
export async function renderInConsole(
  screen: ReactElement,
  change: Partial<Console> = {},
): Promise<RenderResult & { client: QueryClient; stop: () => void }> {
  const state: Console = { ...(await api.consoleState()), ...change };
  const client = makeQueryClient();
  const refresher = new Refresher(client);
  const { ready, stop } = onChanged((changed) => refresher.changed(changed));
  await ready;
  const around = ({ children }: { children: ReactNode }) => (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <ToastProvider>
          <ConsoleProvider state={state}>{children}</ConsoleProvider>
        </ToastProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
  const drawn: RenderResult = render(screen, { wrapper: around });
  return { ...drawn, client, stop };
}
