import { useSyncExternalStore } from "react";

/** The screens of the left rail. */
export type Place = "orders" | "refunds" | "printing" | "staff" | "audit" | "settings";

/** Where in the window we are. */
export type Where = {
  place: Place;
  /** The order whose detail is open; stays remembered while another screen is shown. */
  orderId: string | null;
  /** The order whose refund the refund desk is to open; null as soon as it has. */
  refundOf: string | null;
  /** A part of a screen to begin with, e.g. `connect` in the settings. */
  section: string | null;
};

let where: Where = { place: "orders", orderId: null, refundOf: null, section: null };
const watchers = new Set<() => void>();

function move(next: Where): void {
  where = next;
  for (const watcher of watchers) {
    watcher();
  }
}

/** Shows a screen, or a part of it. */
export function go(place: Place, section: string | null = null): void {
  move({ ...where, place, section, refundOf: null });
}

/** Shows an order on the orders screen; null closes the detail. */
export function openOrder(orderId: string | null): void {
  move({ place: "orders", orderId, refundOf: null, section: null });
}

/** Shows the refund of an order on the refund desk, or the order where the desk has no refund of it. */
export function openRefundOf(orderId: string): void {
  move({ ...where, place: "refunds", refundOf: orderId, section: null });
}

/** The desk has opened the refund that it was to open. */
export function refundOpened(): void {
  move({ ...where, refundOf: null });
}

/** Forgets what was open, because another shop is shown now. */
export function forgetOpened(): void {
  move({ ...where, orderId: null, refundOf: null, section: null });
}

/** Where we are; the component is drawn again when that changes. */
export function useWhere(): Where {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => where,
  );
}
