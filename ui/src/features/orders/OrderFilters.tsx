import { useQuery } from "@tanstack/react-query";
import type { RefObject } from "react";
import { Chips, SearchField } from "../../components";
import { useShop } from "../../console/shop";
import type { OrderGroup, OrderQuery } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { countsOf } from "./queries";

const groups: readonly OrderGroup[] = ["all", "to_fulfil", "refunding", "attention", "unpaid", "done", "cancelled"];

/** Those that call for somebody. How many the others hold is told where there is room. */
const calling: readonly OrderGroup[] = ["to_fulfil", "refunding", "attention"];

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
      <SearchField
        ref={search}
        label={t("window.orders.search")}
        clearLabel={t("window.orders.search_clear")}
        value={query.search}
        onChange={(found) => onChange({ ...query, search: found })}
        onLeave={onToList}
        className="ml-auto min-w-44 flex-1 two-lines:ml-0 two-lines:flex-none @3xl:max-w-80 two-lines:max-w-none low:order-1 low:min-w-40 low:flex-none"
      />
    </div>
  );
}
