import { reading } from "../../console/reading";
import type { ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** The console itself: its shops and preferences. It belongs to no shop. */
export const consoleState = reading("console", "", ["state"], () => api.consoleState());

/** What the strip at the bottom shows. */
export const statusOf = (shop: ShopKey) => reading("status", shop, ["strip"], () => api.status(shop));

/** How many refunds wait for a decision: the number on the rail. */
export const waitingRefunds = (shop: ShopKey) =>
  reading("refunds", shop, ["desk", "to_decide"], () => api.refundDesk(shop, "to_decide"));
