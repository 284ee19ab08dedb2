import { useEffect, useRef } from "react";

/** A shortcut: which keys, what they do, and the text that says so in the list of all shortcuts. */
export type Shortcut = {
  /** One key as `KeyboardEvent.key` names it, or two with a space between them: `g o`. */
  keys: string;
  /** A key of the catalogue. */
  text: string;
  run: () => void;
};

type Registered = { current: readonly Shortcut[] };

/** The latest comes first: what opened last acts first. */
const registered: Registered[] = [];

/** After this long the first key of a pair is forgotten. */
const PAIR_MS = 1200;

/** What walks may be held down; whatever else a key does, it does once. */
const walking = new Set(["j", "k", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

let begun: { key: string; atMs: number } | null = null;

/**
 * Lets these shortcuts act while the component is shown. Keys are left alone while somebody types (but for Escape),
 * while an input method composes, inside a dialog or menu, and when a part further in has used them.
 */
export function useKeys(shortcuts: readonly Shortcut[]): void {
  const held = useRef(shortcuts);
  useEffect(() => {
    held.current = shortcuts;
  });
  useEffect(() => {
    if (registered.length === 0) {
      window.addEventListener("keydown", onKeyDown);
    }
    registered.unshift(held);
    return () => {
      registered.splice(registered.indexOf(held), 1);
      if (registered.length === 0) {
        window.removeEventListener("keydown", onKeyDown);
      }
    };
  }, []);
}

/** All shortcuts that act now, each once, the more particular ones first. */
export function activeShortcuts(): readonly Shortcut[] {
  const byKeys = new Map<string, Shortcut>();
  for (const { current } of registered) {
    for (const shortcut of current) {
      if (!byKeys.has(shortcut.keys)) {
        byKeys.set(shortcut.keys, shortcut);
      }
    }
  }
  return [...byKeys.values()];
}

function onKeyDown(event: KeyboardEvent): void {
  // An input method is at work: its keys, Enter above all, are not ours.
  if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.target instanceof HTMLElement && hasOwnUse(event.target, event.key)) {
    return;
  }
  if (event.repeat && !walking.has(event.key)) {
    return;
  }
  const pair = begun !== null && event.timeStamp - begun.atMs < PAIR_MS ? `${begun.key} ${event.key}` : null;
  begun = null;
  const all = activeShortcuts();
  const hit = all.find((one) => one.keys === pair) ?? all.find((one) => one.keys === event.key);
  if (hit !== undefined) {
    event.preventDefault();
    hit.run();
  } else if (all.some((one) => one.keys.startsWith(`${event.key} `))) {
    begun = { key: event.key, atMs: event.timeStamp };
  }
}

/** Whether the key already means something where the focus is. */
function hasOwnUse(target: HTMLElement, key: string): boolean {
  // A dialog, a menu or an open list has the keys to itself.
  if (target.closest("[role=dialog],[role=alertdialog],[role=menu],[role=listbox]")) {
    return true;
  }
  if (target.closest("input,textarea,select,[contenteditable]")) {
    return key !== "Escape";
  }
  // A button under the focus is pressed by Enter already, and a row opened.
  return (
    (key === "Enter" || key === " ") && target.closest("button,a,summary,[role=switch],[role=tab],[role=row]") !== null
  );
}
