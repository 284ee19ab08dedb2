import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import { cx } from "./cx";

/** A quiet count is shown only where the chips have room. */
export type Choice<Value extends string> = {
  value: Value;
  label: string;
  count?: number | null;
  alarming?: boolean;
  quiet?: boolean;
};

export type ChipsProps<Value extends string> = {
  /** What the row of chips chooses, for screen readers. */
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  choices: readonly Choice<Value>[];
  className?: string;
};

/** A row of chips of which exactly one is on. Left and right move between them. */
export function Chips<Value extends string>({ label, value, onChange, choices, className }: ChipsProps<Value>) {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={(chosen) => {
        const [next] = chosen;
        if (next !== undefined) {
          onChange(next as Value);
        }
      }}
      className={cx("no-scrollbar flex gap-0.5 overflow-x-auto p-1 -m-1", className)}
    >
      {choices.map((choice) => (
        <Chip key={choice.value} {...choice} />
      ))}
    </ToggleGroup>
  );
}

function Chip<Value extends string>({ value, label, count, alarming, quiet }: Choice<Value>) {
  return (
    <Toggle
      value={value}
      className="group inline-flex h-10 shrink-0 items-center gap-1.5 rounded-md border border-transparent px-2.5 text-sm text-ink-soft transition-colors hover:bg-sunken data-pressed:bg-accent-soft data-pressed:font-medium data-pressed:text-accent-text"
    >
      {label}
      {typeof count === "number" && (
        <span
          className={cx(
            "tabular text-xs",
            quiet && "hidden @xl:inline",
            alarming && count > 0
              ? "font-semibold text-danger-text"
              : "text-ink-faint group-data-pressed:text-accent-text",
          )}
        >
          {count.toLocaleString("en")}
        </span>
      )}
    </Toggle>
  );
}
