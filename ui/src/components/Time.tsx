import { formatTime } from "../lib/time";
import { cx } from "./cx";

/** An instant, in the shop's time. `ms` is UTC milliseconds; null shows a dash. */
export function Time({ ms, className }: { ms: number | null; className?: string }) {
  if (ms === null) {
    return <span className={className}>—</span>;
  }
  return (
    <time dateTime={new Date(ms).toISOString()} className={cx("tabular whitespace-nowrap", className)}>
      {formatTime(ms)}
    </time>
  );
}
