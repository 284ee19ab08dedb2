import { type ReactNode, useId } from "react";
import { cx } from "./cx";

export type PartProps = {
  title: string;
  /** Of its heading: 3 below the heading of a detail (default), 2 right below that of the screen. */
  level?: 2 | 3;
  /** Stands beside the heading, e.g. a button that concerns the part. */
  aside?: ReactNode;
  children: ReactNode;
};

/** A part of a screen or a detail under its heading. */
export function Part({ title, level = 3, aside, children }: PartProps) {
  const id = useId();
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section aria-labelledby={id} className="border-t border-line px-4 py-3">
      <div className="mb-2 flex min-h-6 items-center gap-2">
        <Heading id={id} className="flex-1 text-xs font-semibold text-ink-faint">
          {title}
        </Heading>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values below each other. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">{children}</dl>;
}

export function Fact({ name, children, strong }: { name: string; children: ReactNode; strong?: boolean }) {
  return (
    <>
      <dt className="text-ink-faint">{name}</dt>
      <dd className={cx("selectable min-w-0 break-words text-ink", strong && "font-semibold")}>{children}</dd>
    </>
  );
}
