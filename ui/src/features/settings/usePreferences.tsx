import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { toastTrouble } from "../../components";
import { asFault } from "../../console/faults";
import { Refusal } from "../../console/Refusal";
import { useConsole, useShop } from "../../console/shop";
import { asSomebody, handOver } from "../../console/signing";
import type { Preferences, ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";

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
  async add(shop: ShopKey, before: Preferences, next: Partial<Preferences>): Promise<void> {
    this.#put({ ...this.#wanted, ...next });
    if (this.#running) {
      return;
    }
    this.#running = true;
    try {
      let sent: Partial<Preferences>;
      do {
        sent = this.#wanted;
        const preferences = { ...before, ...sent };
        await asSomebody(shop, () => api.preferencesSet(preferences), deedOf(sent));
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
  const shop = useShop();
  const { preferences: told } = useConsole();
  const wishes = wishesOf(useQueryClient());
  const wanted = useSyncExternalStore(wishes.watch, () => wishes.wanted);
  const tell = (next: Partial<Preferences>) => (reason: unknown) => {
    const fault = asFault(reason);
    const where = fault.parameters.shop ?? shop;
    const byAnother = () =>
      void handOver(where, fault, () => wishes.add(shop, told, next), deedOf(next)).catch(tell(next));
    toastTrouble(<Refusal look="quiet" shop={where} fault={fault} onHandOver={byAnother} />);
  };
  const change = (next: Partial<Preferences>) => void wishes.add(shop, told, next).catch(tell(next));
  return [{ ...told, ...wanted }, change];
}

/** What is changed, for whoever has to type a PIN for it: only what silences alerts needs one. */
function deedOf({ sound, volume }: Partial<Preferences>): string {
  if (sound !== undefined) {
    return t(`window.settings.deed.${sound ? "on" : "off"}`, { what: t("window.settings.sound.on") });
  }
  return volume === undefined ? t("window.settings.section.look") : t("window.settings.deed.volume", { volume });
}
