import { Toast as Base } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../lib/texts";
import { IconButton } from "./Button";
import { cx } from "./cx";

const toasts = Base.createToastManager();

/** Says in passing that something was done. Never for something that a person must act on: that is an alert. */
export function toast(text: ReactNode): void {
  toasts.add({ title: text, timeout: 4000, type: "done" });
}

/** Says in passing that what a person just asked for was refused. It stays until it is closed. */
export function toastTrouble(content: ReactNode): void {
  toasts.add({ description: content, timeout: 0, priority: "high", type: "trouble" });
}

/** The place where toasts appear; stands once, around the whole window. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider toastManager={toasts} limit={4}>
      {children}
      <Base.Portal>
        <Base.Viewport
          aria-label={t("window.frame.messages")}
          className="fixed top-2 left-1/2 z-50 flex w-96 max-w-[calc(100vw-2rem)] -translate-x-1/2 flex-col gap-2"
        >
          <ToastList />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function ToastList() {
  const { toasts: shown } = Base.useToastManager();
  return shown.map((one) => (
    <Base.Root
      key={one.id}
      toast={one}
      swipeDirection={[]}
      className={cx(
        "rounded-lg border bg-raised shadow-raised transition-opacity duration-150 data-ending-style:opacity-0 data-limited:hidden data-starting-style:opacity-0",
        one.type === "trouble" ? "border-danger" : "border-line",
      )}
    >
      <Base.Content className="flex items-start gap-2 py-1 pr-1 pl-4">
        <div className="min-w-0 flex-1 py-2.5">
          {one.title && <Base.Title className="text-sm font-medium text-ink" />}
          {one.description && <Base.Description render={<div />} className="text-sm text-ink" />}
        </div>
        <Base.Close
          render={
            <IconButton label={t("window.frame.close")}>
              <X size={18} aria-hidden="true" />
            </IconButton>
          }
        />
      </Base.Content>
    </Base.Root>
  ));
}
