import { reading } from "../../console/reading";
import type { ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** More slips than this nobody scrolls back. */
const MOST_SLIPS = 30;

/**
 * The printers that are attached now. Looking for them takes the system a moment and nothing tells when one comes or goes,
 * so it is done when the screen opens and when a person asks, and not at every ticket.
 */
export const printersOf = (shop: ShopKey) => ({
  ...reading("console", shop, ["printers"], () => api.printers(shop)),
  refetchOnMount: "always" as const,
});

/** Which ticket comes out where. */
export const printingOf = (shop: ShopKey) => reading("papers", shop, ["printing"], () => api.printing(shop));

/** The queue and the history, newest first. */
export const papersOf = (shop: ShopKey) => reading("papers", shop, ["papers"], () => api.papers(shop));

/** What the demo printer has printed, the newest slip first. */
export const rollOf = (shop: ShopKey) => reading("papers", shop, ["roll"], () => api.paperRoll(shop, MOST_SLIPS));
