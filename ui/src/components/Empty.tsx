import type { ReactNode } from "react";

/** What stands where nothing is: that this is fine, and what to do next. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex h-full min-h-32 flex-col items-center justify-center gap-2 p-6 text-center">
      {icon && <span className="text-ink-faint">{icon}</span>}
      <p className="text-base font-medium text-ink">{title}</p>
      {children && <div className="max-w-96 text-sm text-ink-soft">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}
