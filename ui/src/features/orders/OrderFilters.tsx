import { useQuery } from "@tanstack/react-query";
import { Search, X } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import { Chips, IconButton, Kbd } from "../../components";
import { useShop } from "../../console/shop";
import type { OrderGroup, OrderQuery } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { countsOf } from "./queries";

const groups: readonly OrderGroup[] = ["all", "to_fulfil", "refunding", "attention", "unpaid", "done", "cancelled"];

/** Those that call for somebody. How many the others hold is told where there is room. */
const calling: readonly OrderGroup[] = ["to_fulfil", "refunding", "attention"];

/** A search begins so soon after the last key: often enough to feel instant, seldom enough to spare half-typed words. */
const PAUSE_MS = 100;

export type OrderFiltersProps = {
  query: OrderQuery;
  onChange: (query: OrderQuery) => void;
  search: RefObject<HTMLInputElement | null>;
  /** Arrow down or Enter in the search: on to the list. */
  onToList: () => void;
};

/** Which orders are listed: a group, and a search in it. */
export function OrderFilters({ query, onChange, search, onToList }: OrderFiltersProps) {
  const { data: counts } = useQuery({
    ...countsOf(useShop(), query.search),
    placeholderData: (before) => before,
  });
  const [typed, setTyped] = useState(query.search);
  const [searched, setSearched] = useState(query.search);
  if (searched !== query.search) {
    // Whoever changes the search from outside, as "show all" does, changes what stands in the field. Else it would come
    // back from there after the pause.
    setSearched(query.search);
    if (typed.trim() !== query.search) {
      setTyped(query.search);
    }
  }
  useEffect(() => {
    if (typed.trim() === query.search) {
      return;
    }
    const timer = setTimeout(() => onChange({ ...query, search: typed.trim() }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, query, onChange]);
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-2 low:flex-nowrap low:py-1 two-lines:flex-col two-lines:flex-nowrap two-lines:items-stretch">
      <Chips
        label={t("window.orders.groups")}
        value={query.group}
        onChange={(group) => onChange({ ...query, group })}
        choices={groups.map((group) => ({
          value: group,
          label: t(`window.orders.group.${group}`),
          count: counts?.find((one) => one.group === group)?.count,
          alarming: group === "attention",
          quiet: !calling.includes(group),
        }))}
        className="min-w-0 flex-wrap two-lines:fades-out two-lines:flex-nowrap low:fades-out low:order-2 low:flex-nowrap"
      />
      <div className="relative ml-auto flex min-w-44 flex-1 items-center two-lines:ml-0 two-lines:flex-none @3xl:max-w-80 two-lines:max-w-none low:order-1 low:min-w-40 low:flex-none">
        <Search size={16} aria-hidden="true" className="pointer-events-none absolute left-3 text-ink-faint" />
        <input
          ref={search}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) {
              return;
            }
            if (event.key === "Escape") {
              event.stopPropagation();
              if (typed === "") {
                event.currentTarget.blur();
              } else {
                setTyped("");
              }
            } else if (event.key === "Enter" || event.key === "ArrowDown") {
              event.preventDefault();
              onToList();
            }
          }}
          placeholder={t("window.orders.search")}
          aria-label={t("window.orders.search")}
          aria-keyshortcuts="/"
          spellCheck={false}
          autoComplete="off"
          className="h-10 w-full rounded-md border border-line-strong bg-surface pr-10 pl-9 text-ellipsis [&::-webkit-search-cancel-button]:hidden"
        />
        <span className="absolute right-1 flex items-center">
          {typed === "" ? (
            <span aria-hidden="true" className="pointer-events-none pr-2">
              <Kbd>/</Kbd>
            </span>
          ) : (
            <IconButton
              label={t("window.orders.search_clear")}
              size="small"
              onClick={() => {
                setTyped("");
                search.current?.focus();
              }}
            >
              <X size={16} aria-hidden="true" />
            </IconButton>
          )}
        </span>
      </div>
    </div>
  );
}
