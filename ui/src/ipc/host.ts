import { listen } from "@tauri-apps/api/event";
import { type Changed, commands, type Opened } from "./bindings";

/** Every command of the window, as it was generated from the shell. */
export type Commands = typeof commands;

/** Files of this PC that somebody let go of over the window. Only their paths come into the page. */
export type Dropped = { paths: string[] };

/** The only events: the two that the shell sends, and files that are dropped onto the window. */
export type Events = { changed: Changed; opened: Opened; dropped: Dropped };

/** What Tauri calls them. */
const names: Record<keyof Events, string> = { changed: "changed", opened: "opened", dropped: "tauri://drag-drop" };

/**
 * What the page stands on: the shell of the program, or a scripted shop that takes its place in tests and page
 * previews. There is exactly one seam, so the same page runs on both.
 */
export type Host = {
  commands: Commands;
  /** Calls `handler` for every event of this name from `ready` until `stop` is called. */
  listen: <Name extends keyof Events>(name: Name, handler: (payload: Events[Name]) => void) => Listening;
};

/** An ear on the shell. */
export type Listening = {
  /** Fulfilled once no event is missed any more; events before it are lost. */
  ready: Promise<void>;
  stop: () => void;
};

const shell: Host = {
  commands,
  listen: (name, handler) => {
    const listening = listen<Events[typeof name]>(names[name], (event) => handler(event.payload));
    const nothing = () => undefined;
    return { ready: listening.then(nothing), stop: () => void listening.then((stop) => stop(), nothing) };
  },
};

let current: Host = shell;

/** What the page stands on now. */
export function host(): Host {
  return current;
}

/** Puts the page on another host. Called before anything is drawn, or between two tests. */
export function setHost(next: Host): void {
  current = next;
}
