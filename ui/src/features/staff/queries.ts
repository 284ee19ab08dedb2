import { reading } from "../../console/reading";
import type { ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** The shop's rules for refunds. */
export const rulesOf = (shop: ShopKey) => reading("staff", shop, ["rules"], () => api.staffRules(shop));
