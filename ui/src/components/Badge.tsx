import type { ReactNode } from "react";
import { cx } from "./cx";

/** calm: as it should be; plain: a fact; accent: to do; warn: not certain; danger: money or goods at risk. */
export type Tone = "calm" | "plain" | "accent" | "warn" | "danger" | "info";

export const toneLook: Record<Tone, string> = {
  calm: "bg-transparent text-accent-text",
  plain: "bg-sunken text-ink-soft",
  accent: "bg-accent-soft text-accent-text",
  warn: "bg-warn-soft text-warn-text",
  danger: "bg-danger-soft text-danger-text",
  info: "bg-info-soft text-info-text",
};

/** A state in a word. The word says it; the colour only helps to find it. */
export function Badge({
  tone = "plain",
  icon,
  children,
  className,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <span
      className={cx(
        "inline-flex h-5 shrink-0 items-center gap-1 rounded-sm text-xs whitespace-nowrap",
        tone === "calm" ? "px-0" : "px-1.5",
        tone === "danger" && "font-semibold",
        toneLook[tone],
        className,
      )}
    >
      {icon}
      {children}
    </span>
  );
}

/** A number that hangs on something, e.g. how many refunds wait. Nothing at zero. */
export function CountBadge({
  count,
  tone = "danger",
  label,
}: {
  count: number;
  tone?: "danger" | "plain";
  label?: string;
}) {
  if (count === 0) {
    return null;
  }
  return (
    <span
      className={cx(
        "tabular inline-flex h-5 min-w-5 items-center justify-center rounded-full px-1.5 text-xs font-semibold",
        tone === "danger" ? "bg-danger text-danger-ink" : "bg-sunken text-ink-soft",
      )}
    >
      <span aria-hidden={label !== undefined || undefined}>{count > 999 ? "999+" : count}</span>
      {label !== undefined && <span className="sr-only">{label}</span>}
    </span>
  );
}

const dots: Record<Tone, string> = {
  calm: "bg-accent",
  plain: "bg-line-strong",
  accent: "bg-accent",
  warn: "bg-warn",
  danger: "bg-danger",
  info: "bg-info-text",
};

/** A dot beside a word. Always with the word: colour alone tells a tenth of all men nothing. */
export function Dot({ tone, className }: { tone: Tone; className?: string }) {
  return <span aria-hidden="true" className={cx("inline-block size-2 shrink-0 rounded-full", dots[tone], className)} />;
}
