import { Search, X } from "lucide-react";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { IconButton } from "./Button";
import { cx } from "./cx";
import { Kbd } from "./Kbd";

/** A search begins so soon after the last key: often enough to feel instant, seldom enough to spare half-typed words. */
const PAUSE_MS = 100;

export type SearchFieldProps = {
  label: string;
  clearLabel: string;
  /** What is searched for. It may change from outside, as "show all" does. */
  value: string;
  /** Hears of what was typed, without blanks around it, once the hand rests. */
  onChange: (value: string) => void;
  /** Arrow down or Enter: on to what was found. */
  onLeave?: () => void;
  className?: string;
  ref?: Ref<HTMLInputElement>;
};

/** A search that begins while one types. Escape empties it, and leaves it when it is empty. */
export function SearchField({ label, clearLabel, value, onChange, onLeave, className, ref }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => field.current as HTMLInputElement, []);
  // The pause begins with a key, however often the list around is drawn meanwhile.
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  const [typed, setTyped] = useState(value);
  const [searched, setSearched] = useState(value);
  if (searched !== value) {
    // Whoever changes the search from outside changes what stands in the field. Else it would come back from there after
    // the pause.
    setSearched(value);
    if (typed.trim() !== value) {
      setTyped(value);
    }
  }
  useEffect(() => {
    if (typed.trim() === value) {
      return;
    }
    const timer = setTimeout(() => tell.current(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <div className={cx("relative flex items-center", className)}>
      <Search size={16} aria-hidden="true" className="pointer-events-none absolute left-3 text-ink-faint" />
      <input
        ref={field}
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) {
            return;
          }
          if (event.key === "Escape") {
            event.stopPropagation();
            if (typed === "") {
              event.currentTarget.blur();
            } else {
              setTyped("");
            }
          } else if (onLeave !== undefined && (event.key === "Enter" || event.key === "ArrowDown")) {
            event.preventDefault();
            onLeave();
          }
        }}
        placeholder={label}
        aria-label={label}
        aria-keyshortcuts="/"
        spellCheck={false}
        autoComplete="off"
        className="h-10 w-full rounded-md border border-line-strong bg-surface pr-10 pl-9 text-ellipsis [&::-webkit-search-cancel-button]:hidden"
      />
      <span className="absolute right-1 flex items-center">
        {typed === "" ? (
          <span aria-hidden="true" className="pointer-events-none pr-2">
            <Kbd>/</Kbd>
          </span>
        ) : (
          <IconButton
            label={clearLabel}
            size="small"
            onClick={() => {
              setTyped("");
              field.current?.focus();
            }}
          >
            <X size={16} aria-hidden="true" />
          </IconButton>
        )}
      </span>
    </div>
  );
}
