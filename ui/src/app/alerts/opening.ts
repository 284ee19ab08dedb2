import { go, openOrder, openRefundOf } from "../../console/navigation";
import type { Alert } from "../../ipc/bindings";

/** Goes to what the alert is about; null where there is nothing to go to. */
export function openerOf({ meaning, orderId }: Alert): (() => void) | null {
  if (meaning === "refund_asked") {
    return () => (orderId === null ? go("refunds") : openRefundOf(orderId));
  }
  if (orderId !== null) {
    return () => openOrder(orderId);
  }
  switch (meaning) {
    case "printer":
      return () => go("printing");
    case "contact":
      return () => go("settings");
    case "new_order":
    case "cancelled":
      return () => go("orders");
    case "attention":
      return null;
  }
}
