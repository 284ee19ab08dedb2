import { createContext, type ReactNode, useContext } from "react";
import type { Console, ShopCard, ShopKey } from "../ipc/bindings";

const Shown = createContext<Console | null>(null);

/** Hands the console's state to every screen below. */
export function ConsoleProvider({ state, children }: { state: Console; children: ReactNode }) {
  return <Shown.Provider value={state}>{children}</Shown.Provider>;
}

/** The console: its shops, which of them is shown, the preferences. */
export function useConsole(): Console {
  const state = useContext(Shown);
  if (state === null) {
    throw new Error("a screen stands outside of ConsoleProvider");
  }
  return state;
}

/** The shop that is shown: the first argument of nearly every command. */
export function useShop(): ShopKey {
  return useConsole().shown;
}

/** The shown shop with its name and state; null while the console knows none. */
export function useShopCard(): ShopCard | null {
  const { shops, shown } = useConsole();
  return shops.find((shop) => shop.key === shown) ?? null;
}
