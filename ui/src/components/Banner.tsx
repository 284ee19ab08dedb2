import type { ReactNode } from "react";
import { type Tone, toneLook } from "./Badge";
import { cx } from "./cx";

/** A strip across a screen that says one thing and offers what to do about it. */
export function Banner({
  tone = "info",
  icon,
  children,
  actions,
  className,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
  actions?: ReactNode;
  className?: string;
}) {
  return (
    <div className={cx("flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm", toneLook[tone], className)}>
      {icon}
      <div className="min-w-0 flex-1">{children}</div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
