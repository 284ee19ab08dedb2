import { reading } from "../../console/reading";
import type { ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** What a shop is set up with; no secret. */
export const settingsOf = (shop: ShopKey) => reading("console", shop, ["settings"], () => api.shopSettings(shop));
