import { reading } from "../../console/reading";
import type { RefundGroup, ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** The groups of the desk, in the order in which a refund goes through them. */
export const groups: readonly RefundGroup[] = ["to_decide", "on_the_way", "trouble", "done"];

/** One group of the desk, newest first, and how many each group holds. */
export const deskOf = (shop: ShopKey, group: RefundGroup) =>
  reading("refunds", shop, ["desk", group], () => api.refundDesk(shop, group));
