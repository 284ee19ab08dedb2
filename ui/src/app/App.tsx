import { CSPProvider } from "@base-ui/react/csp-provider";
import { notifyManager, type QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useLayoutEffect } from "react";
import { FaultNotice, Spinner, ToastProvider, TooltipProvider } from "../components";
import { forgetOpened, go, openOrder, openRefundOf, type Place } from "../console/navigation";
import { ConsoleProvider } from "../console/shop";
import { OrdersScreen } from "../features/orders";
import type { Console, ShopKey } from "../ipc/bindings";
import { api } from "../ipc/client";
import { onChanged, onOpened } from "../ipc/events";
import { setLanguage } from "../lib/texts";
import { Refresher } from "./changes";
import { Frame } from "./frame/Frame";
import { consoleState } from "./frame/queries";
import { dress } from "./look";

const RefundsScreen = lazy(async () => ({ default: (await import("../features/refunds")).RefundsScreen }));
const PrintingScreen = lazy(async () => ({ default: (await import("../features/printing")).PrintingScreen }));
const PaperPanel = lazy(async () => ({ default: (await import("../features/printing")).PaperPanel }));
const SettingsScreen = lazy(async () => ({ default: (await import("../features/settings")).SettingsScreen }));

/** The window's page. */
export function App({ client }: { client: QueryClient }) {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <TooltipProvider delay={500}>
          <ToastProvider>
            <Start client={client} />
          </ToastProvider>
        </TooltipProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}

function Start({ client }: { client: QueryClient }) {
  const { data: state, error, refetch } = useQuery(consoleState);
  useEffect(() => {
    const refresher = new Refresher(client);
    return onChanged((change) => refresher.changed(change));
  }, [client]);
  useEffect(
    () =>
      onOpened(({ shop, orderId, place }) => {
        const there = () => {
          if (place === "orders") {
            openOrder(orderId);
          } else if (place === "refunds" && orderId !== null) {
            openRefundOf(orderId);
          } else {
            go(place);
          }
        };
        showShop(client, shop)
          // A shop that cannot be shown is no reason to stay away from the screen.
          .catch(() => undefined)
          // Only once the shop is drawn: what was clicked must not be looked for in the one that was shown before.
          .then(() => notifyManager.schedule(there));
      }),
    [client],
  );
  if (state !== undefined) {
    return <Dressed state={state} />;
  }
  return (
    <main className="flex h-full items-center justify-center p-6 text-ink-faint">
      {error ? <FaultNotice fault={error} onRetry={() => void refetch()} /> : <Spinner size={28} />}
    </main>
  );
}

/** Shows a shop and reads the console again, whose event may come later than the click goes on. */
async function showShop(client: QueryClient, shop: ShopKey): Promise<void> {
  const before = client.getQueryData(consoleState.queryKey)?.shown;
  await api.shopShow(shop);
  if (before !== shop) {
    forgetOpened();
  }
  client.setQueryData(consoleState.queryKey, await api.consoleState());
}

/** Everything below is drawn anew when the language changes: texts are looked up while drawing. */
function Dressed({ state }: { state: Console }) {
  const { preferences, shown } = state;
  setLanguage(preferences.language);
  useLayoutEffect(() => dress(preferences), [preferences]);
  const screens: Record<Place, ReactNode> = {
    orders: <OrdersScreen key={shown} />,
    refunds: (
      <Late key={shown}>
        <RefundsScreen />
      </Late>
    ),
    printing: (
      <Late key={shown}>
        <PrintingScreen />
      </Late>
    ),
    settings: (
      <Late key={shown}>
        <SettingsScreen />
      </Late>
    ),
  };
  const paper = (
    <Late key={shown}>
      <PaperPanel />
    </Late>
  );
  return (
    <ConsoleProvider state={state}>
      <Frame key={preferences.language} screens={screens} paper={paper} />
    </ConsoleProvider>
  );
}

function Late({ children }: { children: ReactNode }) {
  return (
    <Suspense
      fallback={
        <div className="flex h-full items-center justify-center text-ink-faint">
          <Spinner size={28} />
        </div>
      }
    >
      {children}
    </Suspense>
  );
}
