import { useQuery } from "@tanstack/react-query";
import { Download, MousePointerClick, ScrollText, ShieldCheck } from "lucide-react";
import { useCallback, useMemo, useRef, useState } from "react";
import {
  Beside,
  Button,
  cx,
  Empty,
  FaultNotice,
  Grid,
  type GridColumn,
  type GridHandle,
  Menu,
  toast,
  useFollows,
} from "../../components";
import { useAct } from "../../console/acting";
import { rollOf } from "../../console/people";
import { useShop } from "../../console/shop";
import type { AuditCheck, AuditEntry, AuditFormat, AuditQuery, StaffMember } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { useKeys } from "../../lib/keys";
import { t } from "../../lib/texts";
import { partsOf } from "../../lib/time";
import { AuditCells, ROW_HEIGHT, rowColumns } from "./AuditCells";
import { AuditDetail } from "./AuditDetail";
import { AuditFilters } from "./AuditFilters";
import { everything, useAuditRow, useAuditRows } from "./useAudit";
import { VerifyResult } from "./Verify";
import type { NameOf } from "./words";

/** Who did what, when and where: rows that are only ever added, each bound to the one before. */
export function AuditScreen() {
  const shop = useShop();
  const [query, setQuery] = useState<AuditQuery>(everything);
  const { rows, error, refetch, onRange } = useAuditRows(query, shop);
  const roll = useQuery(rollOf(shop)).data ?? nobody;
  const nameOf = useNames(roll);
  const [active, setActive] = useState<number | null>(null);
  const [openSeq, setOpenSeq] = useState<number | null>(null);
  const [check, setCheck] = useState<{ found: AuditCheck; atMs: number } | null>(null);
  const grid = useRef<GridHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const follows = useFollows(openSeq !== null);
  const opened = useAuditRow(openSeq, rows, shop);
  const indexOf = (seq: number | null) => (seq === null ? -1 : (rows?.findIndex((row) => row.seq === seq) ?? -1));
  const keyAt = useCallback((index: number) => rows?.[index]?.seq.toString(), [rows]);
  const total = rows?.length ?? 0;
  const activeIndex = indexOf(active);
  const selected = indexOf(openSeq);

  const open = (index: number) => {
    const row = rows?.[index];
    if (row) {
      setActive(row.seq);
      setOpenSeq(row.seq);
    }
  };
  const walk = (step: number) => {
    const index = Math.max(0, Math.min(activeIndex + step, total - 1));
    const row = rows?.[index];
    if (row) {
      setActive(row.seq);
      grid.current?.focusRow(index);
      if (follows) {
        setOpenSeq(row.seq);
      }
    }
  };
  const close = () => {
    setOpenSeq(null);
    if (activeIndex >= 0) {
      grid.current?.focusRow(activeIndex);
    }
  };
  useKeys([
    { keys: "/", text: "window.keys.search", run: () => search.current?.focus() },
    { keys: "j", text: "window.keys.down", run: () => walk(1) },
    { keys: "k", text: "window.keys.up", run: () => walk(-1) },
    { keys: "Enter", text: "window.keys.open", run: () => activeIndex >= 0 && open(activeIndex) },
    { keys: "Escape", text: "window.keys.close", run: close },
  ]);
  const today = partsOf(Date.now()).dayNumber;
  return (
    <div className="relative flex h-full min-h-0">
      <section aria-label={t("window.audit.title")} className="@container flex min-w-0 flex-1 flex-col bg-surface">
        <h1 className="sr-only">{t("window.frame.place.audit")}</h1>
        <div className="flex shrink-0 flex-wrap items-start gap-2 border-b border-line px-3 py-2 low:py-1">
          <AuditFilters query={query} onChange={setQuery} roll={roll} search={search} />
          <div className="ml-auto flex gap-2 two-lines:order-2 low:order-2">
            <VerifyButton onFound={(found) => setCheck({ found, atMs: Date.now() })} />
            <ExportMenu query={query} />
          </div>
        </div>
        {check && (
          <VerifyResult
            check={check.found}
            atMs={check.atMs}
            onShow={(seq) => {
              setActive(seq);
              setOpenSeq(seq);
            }}
            onClose={() => setCheck(null)}
          />
        )}
        <div className="min-h-0 flex-1">
          {total > 0 && (
            <Grid
              ref={grid}
              label={t("window.audit.list")}
              total={total}
              rowHeight={ROW_HEIGHT}
              columns={columns()}
              columnsClassName={rowColumns}
              keyAt={keyAt}
              list={`${shop}/${JSON.stringify(query)}`}
              active={activeIndex >= 0 ? activeIndex : null}
              selected={selected >= 0 ? selected : null}
              onActive={(index) => setActive(rows?.[index]?.seq ?? null)}
              onOpen={open}
              onRange={onRange}
              rowClassName={(index) =>
                cx("border-b border-line", index === selected ? "bg-accent-soft" : "bg-surface hover:bg-canvas")
              }
              renderRow={(index) => {
                const row: AuditEntry | undefined = rows?.[index];
                return row && <AuditCells row={row} selected={index === selected} nameOf={nameOf} today={today} />;
              }}
            />
          )}
          {rows !== undefined && total === 0 && (
            <Empty icon={<ScrollText size={32} aria-hidden="true" />} title={t("window.audit.empty")}>
              {query !== everything && t("window.audit.empty_more")}
            </Empty>
          )}
          {rows === undefined && error && (
            <div className="p-4">
              <FaultNotice fault={error} onRetry={() => void refetch()} />
            </div>
          )}
        </div>
      </section>
      <Beside label={t("window.audit.detail")} open={openSeq !== null}>
        {opened !== null ? (
          <AuditDetail key={opened.seq} row={opened} nameOf={nameOf} onClose={close} />
        ) : (
          openSeq === null && (
            <Empty icon={<MousePointerClick size={28} aria-hidden="true" />} title={t("window.audit.pick")}>
              {t("window.refunds.pick_more")}
            </Empty>
          )
        )}
      </Beside>
    </div>
  );
}

const nobody: StaffMember[] = [];

function useNames(roll: readonly StaffMember[]): NameOf {
  return useMemo(() => {
    const names = new Map(roll.map(({ id, name }) => [id, name]));
    return (id) => names.get(id) ?? null;
  }, [roll]);
}

const columns = (): GridColumn[] => [
  { key: "time", label: t("window.audit.column.time") },
  { key: "what", label: t("window.audit.column.what") },
  { key: "about", label: t("window.audit.column.about"), className: "hidden @2xl:block" },
  { key: "who", label: t("window.audit.column.who"), className: "text-right" },
];

/** Checks every row of the log, the ones that no filter shows too. */
function VerifyButton({ onFound }: { onFound: (check: AuditCheck) => void }) {
  const shop = useShop();
  const [act, busy] = useAct();
  return (
    <Button
      busy={busy}
      icon={<ShieldCheck size={16} aria-hidden="true" />}
      title={t("window.audit.verify_more")}
      aria-label={t("window.audit.verify")}
      onClick={() => void act(t("window.audit.verify"), async () => onFound(await api.auditVerify(shop)))}
    >
      <span className="hidden @2xl:inline">{t("window.audit.verify")}</span>
    </Button>
  );
}

/** Writes what is listed to a file, whose place the system's own dialog asks for. */
function ExportMenu({ query }: { query: AuditQuery }) {
  const shop = useShop();
  const [act, busy] = useAct();
  const save = (format: AuditFormat) =>
    void act(t("window.audit.export"), async () => {
      const exported = await api.auditExport(shop, query, format);
      if (exported !== null) {
        toast(t("cli.audit.exported", { rows: exported.rows, path: exported.path }));
      }
    });
  return (
    <Menu
      align="end"
      trigger={
        <Button busy={busy} icon={<Download size={16} aria-hidden="true" />} aria-label={t("window.audit.export")}>
          <span className="hidden @2xl:inline">{t("window.audit.export")}</span>
        </Button>
      }
      items={(["csv", "json"] as const).map((format) => ({
        key: format,
        label: t(`window.audit.format.${format}`),
        detail: t(`window.audit.format_more.${format}`),
        onSelect: () => save(format),
      }))}
    />
  );
}
