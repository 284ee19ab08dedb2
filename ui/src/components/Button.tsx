import { Button as Base } from "@base-ui/react/button";
import type { ComponentPropsWithRef, ReactNode } from "react";
import { cx } from "./cx";
import { Spinner } from "./Spinner";
import { Tooltip } from "./Tooltip";

export type ButtonTone = "plain" | "primary" | "danger" | "quiet";

export type ButtonProps = Omit<ComponentPropsWithRef<"button">, "title"> & {
  /** One primary button in a view at most; danger only for what moves money or cannot be undone. */
  tone?: ButtonTone;
  /** `small` is for strips and rows that a mouse works; a finger needs `normal`. */
  size?: "normal" | "small";
  icon?: ReactNode;
  /** The work is running: shows it, keeps the focus, and takes no second click. */
  busy?: boolean;
  /** Explains the button, above all why it is disabled. A disabled button with a title can still be focused and read. */
  title?: string;
};

const shared =
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-md border font-medium whitespace-nowrap transition-colors data-disabled:cursor-not-allowed data-disabled:opacity-50";

const tones: Record<ButtonTone, string> = {
  plain: "border-line bg-raised text-ink not-data-disabled:hover:bg-sunken not-data-disabled:active:bg-line",
  primary: "border-transparent bg-accent text-accent-ink not-data-disabled:hover:bg-accent-strong",
  danger: "border-transparent bg-danger text-danger-ink not-data-disabled:hover:bg-danger-strong",
  quiet:
    "border-transparent bg-transparent text-ink-soft not-data-disabled:hover:bg-sunken not-data-disabled:hover:text-ink",
};

// What is seen of a small button is 32 px high; a finger finds 40.
const reach = "relative after:absolute after:inset-x-0 after:-inset-y-1";

const sizes = { normal: "h-10 px-4 text-sm", small: `h-8 px-3 text-sm ${reach}` };

/** A button with a word on it. */
export function Button(props: ButtonProps) {
  const { children, tone = "plain", size = "normal", icon, disabled, busy, title, className, ...rest } = props;
  const button = (
    <Base
      {...rest}
      disabled={disabled || busy}
      focusableWhenDisabled={busy || title !== undefined}
      aria-busy={busy || undefined}
      className={cx(shared, tones[tone], sizes[size], className)}
    >
      {busy ? <Spinner size={16} /> : icon}
      {children}
    </Base>
  );
  return title === undefined ? button : <Tooltip text={title}>{button}</Tooltip>;
}

export type IconButtonProps = Omit<ButtonProps, "children" | "icon" | "aria-label"> & {
  /** Read aloud and shown on hover: an icon alone says nothing to somebody new. */
  label: string;
  children: ReactNode;
};

/** A square button that shows only an icon; its word is in the tooltip. */
export function IconButton(props: IconButtonProps) {
  const { label, children, tone = "quiet", size = "normal", disabled, busy, title, className, ...rest } = props;
  return (
    <Tooltip text={title ?? label}>
      <Base
        {...rest}
        aria-label={label}
        disabled={disabled || busy}
        focusableWhenDisabled
        className={cx(shared, tones[tone], "relative", size === "normal" ? "size-10" : `size-8 ${reach}`, className)}
      >
        {busy ? <Spinner size={16} /> : children}
      </Base>
    </Tooltip>
  );
}
