import { useEffect } from "react";
import { useConsole } from "../../console/shop";
import { api } from "../../ipc/client";

/** So often it is tried whether the other program has ended. */
const TRY_MS = 30_000;

/** Takes a shop over as soon as the other program on this PC that watches it has ended, whatever screen is shown. */
export function useTakeOver(): void {
  const { shops } = useConsole();
  const elsewhere = shops
    .filter(({ state }) => state === "elsewhere")
    .map(({ key }) => key)
    .join(" ");
  useEffect(() => {
    if (elsewhere === "") {
      return;
    }
    const timer = setInterval(() => {
      for (const shop of elsewhere.split(" ")) {
        // Nobody asked for this try, so nobody is told that it is still too early.
        api.shopOpen(shop).catch(() => undefined);
      }
    }, TRY_MS);
    return () => clearInterval(timer);
  }, [elsewhere]);
}
