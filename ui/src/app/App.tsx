import { CSPProvider } from "@base-ui/react/csp-provider";
import { type QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useLayoutEffect, useState } from "react";
import { FaultNotice, Spinner, ToastProvider, TooltipProvider } from "../components";
import type { Place } from "../console/navigation";
import { ConsoleProvider } from "../console/shop";
import { OrdersScreen } from "../features/orders";
import type { Console } from "../ipc/bindings";
import { setLanguage, t } from "../lib/texts";
import { ErrorBoundary } from "./ErrorBoundary";
import { Frame } from "./frame/Frame";
import { consoleState } from "./frame/queries";
import { dress } from "./look";
import { useShell } from "./shell";

const RefundsScreen = lazy(async () => ({ default: (await import("../features/refunds")).RefundsScreen }));
const PrintingScreen = lazy(async () => ({ default: (await import("../features/printing")).PrintingScreen }));
const PaperPanel = lazy(async () => ({ default: (await import("../features/printing")).PaperPanel }));
const StaffScreen = lazy(async () => ({ default: (await import("../features/staff")).StaffScreen }));
const AuditScreen = lazy(async () => ({ default: (await import("../features/audit")).AuditScreen }));
const SettingsScreen = lazy(async () => ({ default: (await import("../features/settings")).SettingsScreen }));

/** The window's page. */
export function App({ client }: { client: QueryClient }) {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <TooltipProvider delay={500}>
          <ToastProvider>
            <ErrorBoundary place="window">
              <Start client={client} />
            </ErrorBoundary>
          </ToastProvider>
        </TooltipProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}

function Start({ client }: { client: QueryClient }) {
  const listening = useShell(client);
  const { data: state, error, refetch } = useQuery({ ...consoleState, enabled: listening });
  // Right after the start no shop is open yet, and there is nobody to ask; later one may be between closed and open.
  const [opened, setOpened] = useState(false);
  if (!opened && state !== undefined && state.shops.length > 0) {
    setOpened(true);
  }
  if (state !== undefined && opened) {
    return <Dressed state={state} />;
  }
  return (
    <main className="flex h-full items-center justify-center p-6 text-ink-faint">
      {error ? <FaultNotice fault={error} onRetry={() => void refetch()} /> : <Opening />}
    </main>
  );
}

/** The keychain may wait for a person: whoever sees this for long looks for its question. */
function Opening() {
  return (
    <p role="status" className="flex flex-col items-center gap-3">
      <Spinner size={28} />
      {t("window.frame.opening")}
    </p>
  );
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
    staff: (
      <Late key={shown}>
        <StaffScreen />
      </Late>
    ),
    audit: (
      <Late key={shown}>
        <AuditScreen />
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
