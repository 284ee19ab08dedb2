import { useEffect } from "react";
import type { ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** An order that stood open so long has been seen; one that was passed on the way has not. */
const LOOK_MS = 700;

/**
 * Tells that somebody has opened an order and looked at it, which acknowledges the alerts that it had by then. One that
 * comes later, while the order merely still stands there, is for somebody to see first.
 */
export function useSeen(shop: ShopKey, orderId: string | null): void {
  useEffect(() => {
    if (orderId === null) {
      return;
    }
    const timer = setTimeout(() => {
      // A refusal leaves the alerts open, where they can be acknowledged by hand.
      api.orderSeen(shop, orderId).catch(() => undefined);
    }, LOOK_MS);
    return () => clearTimeout(timer);
  }, [shop, orderId]);
}
