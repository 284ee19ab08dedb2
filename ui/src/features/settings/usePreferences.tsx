import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { FaultNotice, toastTrouble } from "../../components";
import { asFault } from "../../console/faults";
import { useConsole } from "../../console/shop";
import type { Preferences } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** What was changed in this window and does not yet come back from the console. */
class Wishes {
  #wanted: Partial<Preferences> = {};
  #running = false;
  readonly #watchers = new Set<() => void>();
  readonly #client: QueryClient;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  get wanted(): Partial<Preferences> {
    return this.#wanted;
  }

  /** Sends one at a time and always the newest: all preferences go together, so an older one would undo a newer. */
  async add(before: Preferences, next: Partial<Preferences>): Promise<void> {
    this.#put({ ...this.#wanted, ...next });
    if (this.#running) {
      return;
    }
    this.#running = true;
    try {
      let sent: Partial<Preferences>;
      do {
        sent = this.#wanted;
        await api.preferencesSet({ ...before, ...sent });
        await this.#client.invalidateQueries({ queryKey: ["console", ""] });
      } while (sent !== this.#wanted);
    } finally {
      this.#running = false;
      this.#put({});
    }
  }

  #put(wanted: Partial<Preferences>): void {
    this.#wanted = wanted;
    for (const watcher of this.#watchers) {
      watcher();
    }
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
}

// Not in a component: a change of the language draws the whole frame anew while it is being sent.
const ofWindow = new WeakMap<QueryClient, Wishes>();

function wishesOf(client: QueryClient): Wishes {
  const known = ofWindow.get(client) ?? new Wishes(client);
  ofWindow.set(client, known);
  return known;
}

/** The preferences as the person wants them, at once, and how to change some of them. A refusal is shown as a toast. */
export function usePreferences(): [preferences: Preferences, change: (next: Partial<Preferences>) => void] {
  const { preferences: told } = useConsole();
  const wishes = wishesOf(useQueryClient());
  const wanted = useSyncExternalStore(wishes.watch, () => wishes.wanted);
  const change = (next: Partial<Preferences>) =>
    void wishes
      .add(told, next)
      .catch((reason: unknown) => toastTrouble(<FaultNotice look="quiet" fault={asFault(reason)} />));
  return [{ ...told, ...wanted }, change];
}
