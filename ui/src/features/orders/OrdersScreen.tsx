import { Inbox, MousePointerClick, SearchX } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  Beside,
  Button,
  cx,
  Empty,
  FaultNotice,
  Grid,
  type GridColumn,
  type GridHandle,
  useFollows,
} from "../../components";
import { openOrder, useWhere } from "../../console/navigation";
import { useShop, useShopCard } from "../../console/shop";
import type { OrderQuery } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { useKeys } from "../../lib/keys";
import { t } from "../../lib/texts";
import { partsOf } from "../../lib/time";
import { OrderDetailPane } from "./detail/OrderDetailPane";
import { OrderFilters } from "./OrderFilters";
import { OrderRow, ROW_HEIGHT, rowColumns } from "./OrderRow";
import { useOrders } from "./useOrders";
import { useSeen } from "./useSeen";

/** The orders of the shop: a list of any length, and the detail of one beside it or over it. */
export function OrdersScreen() {
  const shop = useShop();
  const { orderId } = useWhere();
  const follows = useFollows(orderId !== null);
  const [query, setQuery] = useState<OrderQuery>({ group: "all", search: "" });
  const orders = useOrders(shop, query);
  const { total, rowAt, keyAt, indexOf, onRange } = orders;
  const grid = useRef<GridHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const [active, setActive] = useActive(indexOf, keyAt);
  useSeen(shop, orderId);

  const selected = orderId === null ? null : indexOf(orderId);
  const open = useCallback(
    (index: number) => {
      const id = keyAt(index);
      if (id !== undefined) {
        openOrder(id);
      }
    },
    [keyAt],
  );
  const activate = useCallback((index: number) => setActive({ index, id: keyAt(index) }), [keyAt, setActive]);

  const walk = (step: number) => {
    if (total === 0) {
      return;
    }
    const from = active?.index ?? selected ?? -1;
    const index = Math.max(0, Math.min(from + step, total - 1));
    activate(index);
    grid.current?.focusRow(index);
    if (follows) {
      open(index);
    }
  };
  const close = () => {
    openOrder(null);
    if (active !== null) {
      grid.current?.focusRow(active.index);
    }
  };
  useKeys([
    { keys: "/", text: "window.keys.search", run: () => search.current?.focus() },
    { keys: "j", text: "window.keys.down", run: () => walk(1) },
    { keys: "k", text: "window.keys.up", run: () => walk(-1) },
    { keys: "Enter", text: "window.keys.open", run: () => active !== null && open(active.index) },
    {
      keys: "Escape",
      text: "window.keys.close",
      run: () => (orderId === null ? setQuery((now) => ({ ...now, search: "" })) : close()),
    },
  ]);

  // What was opened from elsewhere, as from an alert, is scrolled to, however far down it stands.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (orderId === null || shown.current === orderId) {
      shown.current = orderId;
      return;
    }
    shown.current = orderId;
    const known = indexOf(orderId);
    if (known !== null) {
      setActive({ index: known, id: orderId });
      grid.current?.reveal(known);
      return;
    }
    let asked = true;
    api.orderPosition(shop, query, orderId).then(
      (position) => {
        if (asked && position !== null) {
          setActive({ index: position, id: orderId });
          grid.current?.reveal(position);
        }
      },
      // The detail says what is wrong; a list that stays where it is harms nobody.
      () => undefined,
    );
    return () => {
      asked = false;
    };
  }, [orderId, indexOf, shop, query, setActive]);

  const columns = useMemo<GridColumn[]>(
    () => [
      { key: "time", label: t("window.orders.column.time"), className: "pl-3" },
      { key: "order", label: t("window.orders.column.order") },
      { key: "code", label: t("window.orders.column.code"), className: "hidden @2xl:block" },
      { key: "state", label: t("window.orders.column.state") },
      { key: "amount", label: t("window.orders.column.amount"), className: "text-right" },
    ],
    [],
  );
  const today = partsOf(Date.now()).dayNumber;
  return (
    <div className="relative flex h-full min-h-0 overflow-hidden">
      <section
        aria-label={t("window.frame.place.orders")}
        className="@container flex min-w-0 flex-1 flex-col bg-surface"
      >
        <h1 className="sr-only">{t("window.frame.place.orders")}</h1>
        <OrderFilters
          query={query}
          onChange={setQuery}
          search={search}
          onToList={() => total > 0 && grid.current?.focusRow(active?.index ?? 0)}
        />
        {orders.known && orders.fault && (
          <div className="shrink-0 border-b border-line p-2">
            <FaultNotice fault={orders.fault} onRetry={() => void orders.refetch()} />
          </div>
        )}
        <div className="relative min-h-0 flex-1">
          {total > 0 && (
            <Grid
              ref={grid}
              label={t("window.orders.list")}
              total={total}
              rowHeight={ROW_HEIGHT}
              columns={columns}
              columnsClassName={rowColumns}
              keyAt={keyAt}
              list={`${shop}/${query.group}/${query.search}`}
              active={active?.index ?? null}
              selected={selected}
              onActive={activate}
              onOpen={open}
              onRange={onRange}
              rowClassName={(index) =>
                cx("border-b border-line", index === selected ? "bg-accent-soft" : "bg-surface hover:bg-canvas")
              }
              renderRow={(index) => <OrderRow order={rowAt(index)} selected={index === selected} today={today} />}
            />
          )}
          {total === 0 && orders.known && (
            <Nothing query={query} onReset={() => setQuery({ group: "all", search: "" })} />
          )}
          {!orders.known && orders.fault && (
            <div className="p-4">
              <FaultNotice fault={orders.fault} onRetry={() => void orders.refetch()} />
            </div>
          )}
        </div>
      </section>
      <Beside label={t("window.orders.detail")} open={orderId !== null}>
        {orderId !== null ? (
          <OrderDetailPane
            key={orderId}
            id={orderId}
            row={selected === null ? undefined : rowAt(selected)}
            onClose={close}
          />
        ) : (
          <Empty icon={<MousePointerClick size={28} aria-hidden="true" />} title={t("window.orders.pick")}>
            {t("window.orders.pick_more")}
          </Empty>
        )}
      </Beside>
    </div>
  );
}

function Nothing({ query, onReset }: { query: OrderQuery; onReset: () => void }) {
  const demo = useShopCard()?.demo ?? false;
  if (query.group === "all" && query.search === "") {
    return (
      <Empty icon={<Inbox size={32} aria-hidden="true" />} title={t("window.orders.none")}>
        {t(demo ? "window.orders.none_demo" : "window.orders.none_more")}
      </Empty>
    );
  }
  return (
    <Empty
      icon={<SearchX size={32} aria-hidden="true" />}
      title={
        query.search === "" ? t("window.orders.none_group") : t("window.orders.none_found", { search: query.search })
      }
      action={<Button onClick={onReset}>{t("window.orders.show_all")}</Button>}
    >
      {query.search !== "" && t("window.orders.none_found_more")}
    </Empty>
  );
}

/** The row that the keyboard stands on. It is an order, not a place: where it moves to, the keyboard follows. */
function useActive(indexOf: (id: string) => number | null, keyAt: (index: number) => string | undefined) {
  const [active, setActive] = useState<{ index: number; id: string | undefined } | null>(null);
  const known = active === null ? undefined : (active.id ?? keyAt(active.index));
  useEffect(() => {
    // A row that was jumped to before it was read is an order from the moment it is.
    setActive((now) => (now !== null && now.id === undefined && known !== undefined ? { ...now, id: known } : now));
  }, [known]);
  const index = known === undefined ? null : indexOf(known);
  const now = active === null || index === null || index === active.index ? active : { ...active, index };
  return [now, setActive] as const;
}
