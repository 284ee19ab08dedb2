import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { t } from "../lib/texts";
import { cx } from "./cx";

export type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons, the one that acts last. They stay in sight when the middle scrolls. */
  footer?: ReactNode;
  /** `sheet` comes in from the right at full height. */
  shape?: "dialog" | "sheet";
  width?: "narrow" | "normal" | "wide";
  /** What gets the focus first; else the first control. */
  initialFocus?: RefObject<HTMLElement | null>;
};

/** Without a tooltip: the first Escape would close that instead of the dialog. */
const closeLook =
  "inline-flex size-10 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink";

const widths = { narrow: "max-w-md", normal: "max-w-xl", wide: "max-w-3xl" };

/** A question that stops the work below it: only for what a person asked for, never for something that happened. */
export function Dialog(props: DialogProps) {
  const {
    open,
    onClose,
    title,
    description,
    children,
    footer,
    shape = "dialog",
    width = "normal",
    initialFocus,
  } = props;
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Viewport
          className={cx(
            "fixed inset-0 z-40 flex",
            shape === "dialog" ? "items-center justify-center p-4 low:p-2" : "justify-end",
          )}
        >
          <Base.Popup
            initialFocus={initialFocus}
            className={cx(
              "relative flex w-full flex-col bg-raised shadow-raised transition-[opacity,translate] duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0",
              shape === "dialog"
                ? "max-h-full rounded-lg border border-line"
                : "h-full border-l border-line data-ending-style:translate-x-6 data-starting-style:translate-x-6",
              widths[width],
            )}
          >
            <header className="px-5 pt-4 pb-3 low:pt-2 low:pb-1">
              <div className="min-w-0 pt-1.5 pr-12">
                <Base.Title className="text-base font-semibold text-ink">{title}</Base.Title>
                {description && (
                  <Base.Description className="mt-1 text-sm text-ink-soft">{description}</Base.Description>
                )}
              </div>
            </header>
            <div className="thin-scroll min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
            {footer && (
              <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3 low:py-2">
                {footer}
              </footer>
            )}
            {/* Last, so that the focus begins with what the dialog asks. */}
            <Base.Close
              aria-label={t("window.frame.close")}
              className={cx(closeLook, "absolute top-3 right-3 low:top-1")}
            >
              <X size={20} aria-hidden="true" />
            </Base.Close>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
