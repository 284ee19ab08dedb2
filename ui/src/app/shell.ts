import { notifyManager, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { forgetOpened, go, openOrder, openRefundOf } from "../console/navigation";
import { forgetSigning } from "../console/signing";
import type { Opened, ShopKey } from "../ipc/bindings";
import { api } from "../ipc/client";
import { onChanged, onOpened } from "../ipc/events";
import { Refresher } from "./changes";
import { consoleState } from "./frame/queries";

/**
 * Follows what the shell tells. Answers whether it does so by now: who reads only then hears of every change of what was
 * read, and who reads before would keep what changed in between for good.
 */
export function useShell(client: QueryClient): boolean {
  const [listening, setListening] = useState(false);
  const [deaf, setDeaf] = useState<{ reason: unknown } | null>(null);
  useEffect(() => {
    const refresher = new Refresher(client);
    const ears = [
      onChanged((change) => refresher.changed(change)),
      onOpened((opened) => void follow(client, refresher, opened)),
    ];
    Promise.all(ears.map(({ ready }) => ready)).then(
      () => setListening(true),
      (reason: unknown) => setDeaf({ reason }),
    );
    return () => {
      for (const { stop } of ears) {
        stop();
      }
    };
  }, [client]);
  if (deaf !== null) {
    throw deaf.reason;
  }
  return listening;
}

/** Goes where somebody clicked outside the page. */
async function follow(client: QueryClient, refresher: Refresher, { shop, orderId, place }: Opened): Promise<void> {
  try {
    await showShop(client, shop);
    // What was put there may be older than a change that was read meanwhile.
    refresher.changed({ shop, tags: ["console"] });
  } catch {
    // A shop that cannot be shown is no reason to stay away from the screen.
  }
  // Only once the shop is drawn: what was clicked must not be looked for in the one that was shown before.
  notifyManager.schedule(() => {
    if (place === "orders") {
      openOrder(orderId);
    } else if (place === "refunds" && orderId !== null) {
      openRefundOf(orderId);
    } else {
      go(place);
    }
  });
}

/** Shows a shop and reads the console again, whose event may come later than the click goes on. */
async function showShop(client: QueryClient, shop: ShopKey): Promise<void> {
  const before = client.getQueryData(consoleState.queryKey)?.shown;
  await api.shopShow(shop);
  if (before !== shop) {
    forgetOpened();
    forgetSigning();
  }
  client.setQueryData(consoleState.queryKey, await api.consoleState());
}
