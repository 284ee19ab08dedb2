import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { CircleCheckBig, Inbox, MousePointerClick, RefreshCw, TriangleAlert } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import {
  Beside,
  Button,
  cx,
  Empty,
  FaultNotice,
  Grid,
  type GridColumn,
  type GridHandle,
  Tabs,
  useFollows,
} from "../../components";
import { useAct } from "../../console/acting";
import { openOrder, refundOpened, useWhere } from "../../console/navigation";
import { useShop } from "../../console/shop";
import type { RefundGroup, RefundRow } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { useKeys } from "../../lib/keys";
import { t } from "../../lib/texts";
import { partsOf } from "../../lib/time";
import type { DecideHandle } from "./detail/Decide";
import { RefundDetail } from "./detail/RefundDetail";
import { deskOf, groups } from "./queries";
import { RefundCells, ROW_HEIGHT, rowColumns } from "./RefundCells";

/** The refund desk: what waits, what is on its way, what went wrong, what is done; and one refund beside the list. */
export function RefundsScreen() {
  const shop = useShop();
  const [group, setGroup] = useState<RefundGroup>("to_decide");
  const [active, setActive] = useState<{ index: number; key: string } | null>(null);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const follows = useFollows(openKey !== null);
  const grid = useRef<GridHandle>(null);
  const { decide, want, back } = useDecideHandle();

  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...deskOf(shop, group),
    placeholderData: keepPreviousData,
  });
  // While another tab's rows are still to come, the old ones are no answer to which refunds it holds.
  const rows = data !== undefined && !isPlaceholderData ? data.rows : none;
  const { row: opened, missing } = useOpened(openKey, rows);
  const indexOf = useCallback((key: string) => rows.findIndex((row) => row.key === key), [rows]);
  const keyAt = useCallback((index: number) => rows[index]?.key, [rows]);
  const selected = openKey === null ? -1 : indexOf(openKey);

  const open = (index: number) => {
    const row = rows[index];
    if (row) {
      setActive({ index, key: row.key });
      setOpenKey(row.key);
    }
  };
  const walk = (step: number) => {
    if (rows.length === 0) {
      return;
    }
    const stands = active === null ? -1 : indexOf(active.key);
    // The refund that one stood on has left the list, as after a decision: on with the one that took its place.
    const from = active === null ? -1 : stands >= 0 ? stands : active.index - (step > 0 ? 1 : 0);
    const index = Math.max(0, Math.min(from + step, rows.length - 1));
    const row = rows[index];
    if (row) {
      setActive({ index, key: row.key });
      grid.current?.focusRow(index);
      if (follows) {
        setOpenKey(row.key);
      }
    }
  };
  const close = () => {
    setOpenKey(null);
    if (active !== null && active.index < rows.length) {
      grid.current?.focusRow(active.index);
    }
  };
  const onDetail = (what: "toApprove" | "toRefuse") => {
    // Over the list the detail may still be closed: what is decided about should be seen first.
    if (openKey === null) {
      const index = active === null ? -1 : indexOf(active.key);
      if (index < 0) {
        return;
      }
      open(index);
    }
    want(what);
  };
  useKeys([
    { keys: "j", text: "window.keys.down", run: () => walk(1) },
    { keys: "k", text: "window.keys.up", run: () => walk(-1) },
    { keys: "Enter", text: "window.keys.open", run: () => active !== null && open(active.index) },
    { keys: "y", text: "window.refunds.key_approve", run: () => onDetail("toApprove") },
    { keys: "n", text: "window.refunds.key_refuse", run: () => onDetail("toRefuse") },
    { keys: "Escape", text: "window.keys.close", run: () => back() || close() },
  ]);

  const change = (next: RefundGroup, key: string | null = null) => {
    setGroup(next);
    setActive(null);
    setOpenKey(key);
  };
  useWanted((row) => change(row.group, row.key));
  const countOf = (one: RefundGroup) => data?.counts.find((count) => count.group === one)?.count ?? 0;
  const today = partsOf(Date.now()).dayNumber;
  const activeIndex = active === null ? -1 : indexOf(active.key);
  return (
    <div className="relative flex h-full min-h-0">
      <section aria-label={t("window.refunds.desk")} className="@container flex min-w-0 flex-1 flex-col bg-surface">
        <h1 className="sr-only">{t("window.frame.place.refunds")}</h1>
        <Tabs
          label={t("window.refunds.groups")}
          value={group}
          onChange={(next) => change(next)}
          tabs={groups.map((one) => ({
            value: one,
            label: t(`window.refunds.group.${one}`),
            count: countOf(one),
            alarming: one === "to_decide" || one === "trouble",
          }))}
          aside={<Resume waiting={countOf("on_the_way")} />}
        >
          {rows.length > 0 && (
            <Grid
              ref={grid}
              label={t("window.refunds.list")}
              total={rows.length}
              rowHeight={ROW_HEIGHT}
              columns={columns()}
              columnsClassName={rowColumns}
              keyAt={keyAt}
              list={`${shop}/${group}`}
              active={activeIndex >= 0 ? activeIndex : null}
              selected={selected >= 0 ? selected : null}
              onActive={(index) => setActive({ index, key: rows[index]?.key ?? "" })}
              onOpen={open}
              onRange={ignore}
              rowClassName={(index) =>
                cx("border-b border-line", index === selected ? "bg-accent-soft" : "bg-surface hover:bg-canvas")
              }
              renderRow={(index) => {
                const row = rows[index];
                return row && <RefundCells row={row} selected={index === selected} today={today} />;
              }}
            />
          )}
          {rows.length === 0 && data !== undefined && !isPlaceholderData && <Nothing group={group} />}
          {rows.length > 0 && rows.length < countOf(group) && (
            <p className="shrink-0 border-t border-line px-4 py-2 text-center text-xs text-ink-soft">
              {t("window.refunds.only_newest", { count: rows.length })}
            </p>
          )}
          {data === undefined && error && (
            <div className="p-4">
              <FaultNotice fault={error} onRetry={() => void refetch()} />
            </div>
          )}
        </Tabs>
      </section>
      <Beside label={t("window.refunds.detail")} open={openKey !== null}>
        {opened !== null ? (
          <RefundDetail key={opened.key} row={opened} onClose={close} decide={decide} />
        ) : openKey !== null && missing ? (
          <Empty
            title={t("window.refunds.gone")}
            action={<Button onClick={close}>{t("window.common.close")}</Button>}
          />
        ) : (
          openKey === null && (
            <Empty icon={<MousePointerClick size={28} aria-hidden="true" />} title={t("window.refunds.pick")}>
              {t("window.refunds.pick_more")}
            </Empty>
          )
        )}
      </Beside>
    </div>
  );
}

const none: RefundRow[] = [];
const ignore = () => undefined;

const columns = (): GridColumn[] => [
  { key: "time", label: t("window.refunds.column.time") },
  { key: "goods", label: t("window.refunds.column.goods") },
  { key: "state", label: t("window.refunds.column.state") },
  { key: "amount", label: t("window.refunds.column.amount"), className: "text-right" },
];

/**
 * The refund whose detail is open, wherever on the desk it stands now: after a decision it leaves its tab, and the person
 * who decided wants to see where the money gets to.
 */
function useOpened(key: string | null, here: readonly RefundRow[]): { row: RefundRow | null; missing: boolean } {
  const shop = useShop();
  const found = here.find((row) => row.key === key);
  const elsewhere = useQueries({
    queries: groups.map((group) => ({ ...deskOf(shop, group), enabled: key !== null && found === undefined })),
  });
  // What was seen last stays while it moves from one group to the next.
  const [last, setLast] = useState<RefundRow | null>(null);
  const row = found ?? elsewhere.flatMap(({ data }) => data?.rows ?? []).find((one) => one.key === key);
  if (row !== undefined && row !== last) {
    setLast(row);
  }
  const reading = elsewhere.some(({ isFetching, isPending }) => isFetching || isPending);
  const shown = row ?? (last?.key === key && reading ? last : null);
  return { row: key === null ? null : shown, missing: row === undefined && !reading };
}

/** Opens the refund that a click elsewhere asked for. What the desk does not have is looked for at the order. */
function useWanted(open: (row: RefundRow) => void): void {
  const shop = useShop();
  const { refundOf } = useWhere();
  const desks = useQueries({
    queries: groups.map((group) => ({ ...deskOf(shop, group), enabled: refundOf !== null })),
  });
  const row = desks.flatMap(({ data }) => data?.rows ?? []).find(({ orderId }) => orderId === refundOf);
  const reading = desks.some(({ isFetching, isPending }) => isFetching || isPending);
  useEffect(() => {
    if (refundOf === null) {
      return;
    }
    if (row !== undefined) {
      open(row);
      refundOpened();
    } else if (!reading) {
      openOrder(refundOf);
    }
  });
}

/** The handle of the detail; what is wanted before the detail is there is done when it is. */
function useDecideHandle() {
  const handle = useRef<DecideHandle | null>(null);
  const wanted = useRef<"toApprove" | "toRefuse" | null>(null);
  const decide = useCallback((next: DecideHandle | null) => {
    handle.current = next;
    if (next !== null && wanted.current !== null) {
      next[wanted.current]();
      wanted.current = null;
    }
  }, []);
  const want = useCallback((what: "toApprove" | "toRefuse") => {
    if (handle.current === null) {
      wanted.current = what;
    } else {
      handle.current[what]();
    }
  }, []);
  const back = useCallback(() => handle.current?.back() ?? false, []);
  return { decide, want, back };
}

/** Asks about everything that is on its way, at once instead of when its turn comes. */
function Resume({ waiting }: { waiting: number }) {
  const shop = useShop();
  const [act, busy] = useAct();
  return (
    <Button
      size="small"
      busy={busy}
      disabled={waiting === 0}
      icon={<RefreshCw size={14} aria-hidden="true" />}
      aria-label={t("window.refunds.resume")}
      onClick={() => void act(t("window.refunds.resume"), () => api.refundResume(shop), t("window.refunds.resumed"))}
    >
      <span className="hidden @xl:inline">{t("window.refunds.resume")}</span>
    </Button>
  );
}

function Nothing({ group }: { group: RefundGroup }) {
  const icons: Record<RefundGroup, ReactNode> = {
    to_decide: <CircleCheckBig size={32} aria-hidden="true" />,
    on_the_way: <Inbox size={32} aria-hidden="true" />,
    trouble: <TriangleAlert size={32} aria-hidden="true" />,
    done: <Inbox size={32} aria-hidden="true" />,
  };
  return (
    <Empty icon={icons[group]} title={t(`window.refunds.empty.${group}`)}>
      {group === "to_decide" && t("window.refunds.empty.to_decide_more")}
    </Empty>
  );
}
