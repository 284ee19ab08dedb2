import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Dot, FaultNotice, Popover, Time, type Tone } from "../../components";
import { useShop } from "../../console/shop";
import type { Link, LinkState, Status } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { statusOf } from "./queries";

const tones: Record<LinkState, Tone> = { working: "calm", trouble: "danger", unknown: "plain" };

const itemLook =
  "flex h-8 shrink-0 items-center gap-1.5 rounded-sm px-2 text-xs text-ink-soft max-sm:gap-1 max-sm:px-1";

/** Always in sight: who can be reached, when somebody last was, and what is still owed. */
export function StatusStrip() {
  const { data: status } = useQuery(statusOf(useShop()));
  return (
    <section
      aria-label={t("window.status.title")}
      className="no-scrollbar flex h-9 shrink-0 items-center gap-1 overflow-x-auto border-t border-line bg-surface px-2 max-sm:gap-0 max-sm:px-1 low:h-8"
    >
      {status && <Items status={status} />}
    </section>
  );
}

function Items({ status }: { status: Status }) {
  const { backend, wechat, printer, contactAtMs, unsent, filling } = status;
  return (
    <>
      <LinkItem subject="backend" link={backend} />
      <LinkItem subject="wechat" link={wechat} />
      <LinkItem subject="printer" link={printer} />
      {filling && (
        <span role="status" className={itemLook}>
          <Dot tone="info" />
          {t("window.status.filling")}
        </span>
      )}
      <span className="flex-1" />
      <LastContact atMs={contactAtMs} />
      <UnsentItem unsent={unsent} />
    </>
  );
}

function LinkItem({ subject, link }: { subject: "backend" | "wechat" | "printer"; link: Link }) {
  const name = t(`window.status.${subject}`);
  const word = t(`window.status.link.${subject}.${link.state}`);
  return (
    <Popover
      side="top"
      align="start"
      title={name}
      trigger={
        <button type="button" className={`${itemLook} hover:bg-sunken`}>
          <Dot tone={tones[link.state]} />
          {name}
          <span className={link.state === "trouble" ? "font-semibold text-danger-text" : "text-ink"}>{word}</span>
        </button>
      }
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        <Row name={t("window.status.state")}>{word}</Row>
        {link.name !== null && <Row name={t("window.status.printer_name")}>{link.name}</Row>}
        {link.sinceMs !== null && (
          <Row name={t("window.status.since")}>
            <Time ms={link.sinceMs} />
          </Row>
        )}
      </dl>
      {link.fault && <FaultNotice fault={link.fault} className="mt-3" />}
    </Popover>
  );
}

function UnsentItem({ unsent }: { unsent: Status["unsent"] }) {
  const count = unsent.reports + unsent.refunds + unsent.tickets;
  return (
    <Popover
      side="top"
      align="end"
      title={t("window.status.unsent")}
      trigger={
        <button type="button" className={`${itemLook} hover:bg-sunken`}>
          <Dot tone={count === 0 ? "calm" : "warn"} />
          {t("window.status.unsent")}
          <span className="tabular text-ink">{count === 0 ? t("window.status.unsent_none") : count}</span>
        </button>
      }
    >
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-sm">
        <Row name={t("window.status.unsent_refunds")}>{unsent.refunds}</Row>
        <Row name={t("window.status.unsent_reports")}>{unsent.reports}</Row>
        <Row name={t("window.status.unsent_tickets")}>{unsent.tickets}</Row>
      </dl>
      <p className="mt-2 text-xs text-ink-faint">{t("window.status.unsent_more")}</p>
    </Popover>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-faint">{name}</dt>
      <dd className="tabular min-w-0 break-words text-ink">{children}</dd>
    </>
  );
}

/** The word is coarse on purpose: a strip whose seconds run draws the eye, and the window, all day. */
function LastContact({ atMs }: { atMs: number | null }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  const minutes = atMs === null ? null : Math.floor((nowMs - atMs) / 60_000);
  const word =
    minutes === null
      ? t("window.status.contact_never")
      : minutes < 1
        ? t("window.status.contact_now")
        : minutes < 60
          ? t("window.status.contact_minutes", { minutes: String(minutes) })
          : t("window.status.contact_hours", { hours: String(Math.floor(minutes / 60)) });
  return (
    <Popover
      side="top"
      align="end"
      title={t("window.status.contact")}
      trigger={
        <button type="button" className={`${itemLook} hover:bg-sunken`}>
          <Dot tone={minutes === null ? "plain" : minutes < 2 ? "calm" : "warn"} />
          {t("window.status.contact")}
          <span className="tabular text-ink">{word}</span>
        </button>
      }
    >
      <p className="text-sm">{atMs === null ? t("window.status.contact_never") : <Time ms={atMs} />}</p>
    </Popover>
  );
}
