import { Field as Base } from "@base-ui/react/field";
import { Delete } from "lucide-react";
import { type KeyboardEvent, type Ref, useImperativeHandle, useRef, useState } from "react";
import { cx } from "./cx";
import { inputLook } from "./Field";

export type PinPadHandle = {
  /** What stands in the field. */
  take: () => string;
  /** Empties it. */
  clear: () => void;
  /** Adds a digit that was typed elsewhere in the form. */
  type: (digit: string) => void;
  focus: () => void;
};

export type PinPadProps = {
  label: string;
  /** What the keys are, for screen readers. */
  keysLabel: string;
  eraseLabel: string;
  error?: string | null;
  disabled?: boolean;
  /** Told when the first digit comes or the last one goes. */
  onFilled: (filled: boolean) => void;
  ref: Ref<PinPadHandle>;
};

/** As many as a PIN can have. */
const MOST = 12;

const keyLook =
  "flex h-11 items-center justify-center rounded-md border border-line bg-surface text-lg font-medium text-ink enabled:hover:bg-sunken enabled:active:bg-line disabled:opacity-50 low:h-10";

/**
 * A field for a PIN with keys for fingers. The digits stand in the field of the page and nowhere else: no state of ours,
 * and so no tool that looks into it, ever holds them.
 */
export function PinPad({ label, keysLabel, eraseLabel, error, disabled, onFilled, ref }: PinPadProps) {
  const field = useRef<HTMLInputElement>(null);
  const [filled, setFilled] = useState(false);
  const tell = () => {
    const now = field.current !== null && field.current.value !== "";
    if (now !== filled) {
      setFilled(now);
      onFilled(now);
    }
  };
  const set = (next: (before: string) => string) => {
    if (field.current !== null) {
      field.current.value = next(field.current.value).slice(0, MOST);
      tell();
    }
  };
  const type = (digit: string) => {
    set((before) => before + digit);
    field.current?.focus({ preventScroll: true });
  };
  useImperativeHandle(ref, () => ({
    take: () => field.current?.value ?? "",
    clear: () => set(() => ""),
    type,
    focus: () => field.current?.focus({ preventScroll: true }),
  }));
  const key = (digit: string) => (
    <button key={digit} type="button" tabIndex={-1} disabled={disabled} onClick={() => type(digit)} className={keyLook}>
      {digit}
    </button>
  );
  return (
    <div className="flex flex-col gap-3">
      <Base.Root invalid={Boolean(error)} className="flex flex-col gap-1.5">
        <Base.Label className="text-sm font-medium text-ink">{label}</Base.Label>
        <Base.Control
          ref={field}
          type="password"
          inputMode="numeric"
          // Browsers keep "off" from being obeyed for passwords; this they obey.
          autoComplete="new-password"
          maxLength={MOST}
          disabled={disabled}
          onInput={tell}
          onKeyDown={(event: KeyboardEvent<HTMLInputElement>) => {
            // Letters are no part of a PIN; what moves about in the field is let through.
            if (event.key.length === 1 && !/\d/.test(event.key) && !event.ctrlKey && !event.metaKey) {
              event.preventDefault();
            }
          }}
          className={cx(inputLook, "h-12 text-center font-mono text-xl tracking-[0.5em] low:h-10")}
        />
        {error && (
          <Base.Error match role="alert" className="text-sm text-danger-text">
            {error}
          </Base.Error>
        )}
      </Base.Root>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would frame what belongs to the field above */}
      <div role="group" aria-label={keysLabel} className="grid grid-cols-3 gap-2">
        {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(key)}
        <span />
        {key("0")}
        <button
          type="button"
          tabIndex={-1}
          aria-label={eraseLabel}
          disabled={disabled || !filled}
          onClick={() => set((before) => before.slice(0, -1))}
          className={keyLook}
        >
          <Delete size={20} aria-hidden="true" />
        </button>
      </div>
    </div>
  );
}
