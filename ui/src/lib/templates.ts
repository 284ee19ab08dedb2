import type { TicketTemplate } from "../ipc/bindings";
import { t } from "./texts";

/** The tickets that an order can be printed as. */
export const templates: readonly TicketTemplate[] = ["merchant", "customer", "kitchen"];

/** What a ticket is called; the owner's own templates are called what they are called. */
export function templateName(template: string): string {
  return (templates as readonly string[]).includes(template)
    ? t(`receipt.copy.${template}`)
    : template === "refund"
      ? t("window.orders.refund_ticket")
      : template;
}
