import type { Changed, Opened } from "./bindings";
import { type Dropped, host, type Listening } from "./host";

/** Rows changed: `tags` says of which kinds. Carries no data; whoever shows such rows reads them again. */
export function onChanged(handler: (changed: Changed) => void): Listening {
  return host().listen("changed", handler);
}

/** Somebody clicked a notification or the tray and wants to see what it was about. */
export function onOpened(handler: (opened: Opened) => void): Listening {
  return host().listen("opened", handler);
}

/** Somebody let go of files over the window. */
export function onDropped(handler: (dropped: Dropped) => void): Listening {
  return host().listen("dropped", handler);
}
