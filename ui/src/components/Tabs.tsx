import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { CountBadge } from "./Badge";

export type Tab<Value extends string> = { value: Value; label: ReactNode; count?: number; alarming?: boolean };

export type TabsProps<Value extends string> = {
  /** What the tabs divide, for screen readers. */
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  tabs: readonly Tab<Value>[];
  /** Stands at the end of the row of tabs: what concerns all of them. */
  aside?: ReactNode;
  /** The panel of the chosen tab. */
  children: ReactNode;
};

/** Tabs with their panel; the panel fills what height is left. */
export function Tabs<Value extends string>({ label, value, onChange, tabs, aside, children }: TabsProps<Value>) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as Value)} className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 items-center gap-2 border-b border-line pr-3">
        <Base.List aria-label={label} className="no-scrollbar flex min-w-0 flex-1 gap-1 overflow-x-auto px-3">
          {tabs.map((tab) => (
            <Base.Tab
              key={tab.value}
              value={tab.value}
              className="inline-flex h-11 shrink-0 items-center gap-2 border-b-2 border-transparent px-3 text-sm text-ink-soft hover:text-ink data-active:border-accent data-active:font-medium data-active:text-accent-text"
            >
              {tab.label}
              {tab.count !== undefined && <CountBadge count={tab.count} tone={tab.alarming ? "danger" : "plain"} />}
            </Base.Tab>
          ))}
        </Base.List>
        {aside}
      </div>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className="flex min-h-0 flex-1 flex-col outline-offset-[-2px]">
          {tab.value === value && children}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
