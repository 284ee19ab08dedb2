import { reading } from "../../console/reading";
import type { ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** The open alerts of a shop, newest first. */
export const alertsOf = (shop: ShopKey) => reading("alerts", shop, ["open"], () => api.alerts(shop));
