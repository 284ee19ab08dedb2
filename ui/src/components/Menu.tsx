import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./cx";

export type MenuItem = {
  key: string;
  label: ReactNode;
  /** A second line, or a state. */
  detail?: ReactNode;
  icon?: ReactNode;
  onSelect: () => void;
  disabled?: boolean;
  /** Marks the one that is in force. */
  chosen?: boolean;
};

export type MenuProps = {
  /** The button that opens it: one element that takes a ref. */
  trigger: ReactElement;
  items: readonly (MenuItem | "line")[];
  align?: "start" | "end";
  /** Overrides the trigger's own state, e.g. for a shortcut that opens the menu. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

/** A button that opens a short list of things to do. */
export function Menu({ trigger, items, align = "start", open, onOpenChange }: MenuProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange && ((next) => onOpenChange(next))} modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} collisionPadding={8} className="z-50">
          <Base.Popup className={popupLook}>
            {items.map((item, place) =>
              item === "line" ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line has nothing but its place
                <Base.Separator key={`line-${place}`} className="my-1 h-px bg-line" />
              ) : (
                <Base.Item key={item.key} disabled={item.disabled} onClick={item.onSelect} className={itemLook}>
                  {item.icon && <span className="text-ink-faint">{item.icon}</span>}
                  <span className="flex min-w-0 flex-1 flex-col">
                    <span className={cx("truncate", item.chosen && "font-semibold text-accent-text")}>
                      {item.label}
                    </span>
                    {item.detail && <span className="text-xs text-ink-faint">{item.detail}</span>}
                  </span>
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export const popupLook =
  "thin-scroll max-h-(--available-height) min-w-44 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-raised outline-none transition-opacity duration-100 data-starting-style:opacity-0 data-ending-style:opacity-0";

export const itemLook =
  "flex min-h-10 items-center gap-3 rounded-md px-3 py-1.5 text-sm text-ink outline-none select-none data-highlighted:bg-sunken data-disabled:opacity-50";
