import { useQuery, useQueryClient } from "@tanstack/react-query";
import { UserRound, UserRoundX } from "lucide-react";
import { useEffect } from "react";
import { cx } from "../../components";
import { hereOf, roleWord } from "../../console/people";
import { useShop } from "../../console/shop";
import { askWho } from "../../console/signing";
import type { SignedIn, StaffHere } from "../../ipc/bindings";
import { useKeys } from "../../lib/keys";
import { t } from "../../lib/texts";
import { formatShort } from "../../lib/time";

/** Looks a moment after the PIN is forgotten, so that it is. */
const AFTER_MS = 100;

/** Who is signed in, and the way to sign in or to change places. Nothing while nobody is defined. */
export function Who() {
  const shop = useShop();
  const { data: here } = useQuery(hereOf(shop));
  return here?.defined ? <Known here={here} /> : null;
}

function Known({ here: { signedIn, pinKeptS } }: { here: StaffHere }) {
  const shop = useShop();
  useForgotten(signedIn);
  useKeys([{ keys: "u", text: "window.keys.sign_in", run: () => void askWho(shop) }]);
  const Icon = signedIn === null ? UserRoundX : UserRound;
  return (
    <button
      type="button"
      aria-keyshortcuts="u"
      onClick={() => void askWho(shop)}
      className="flex h-11 min-w-0 items-center gap-2 rounded-md px-2 text-left hover:bg-sunken"
    >
      <span className="sr-only">{t("window.sign_in.button")}</span>
      <span
        className={cx(
          "flex size-8 shrink-0 items-center justify-center rounded-full",
          signedIn === null ? "bg-sunken text-ink-faint" : "bg-accent-soft text-accent-text",
        )}
      >
        <Icon size={18} aria-hidden="true" />
      </span>
      <span className="flex min-w-0 flex-col">
        <span className="truncate text-sm font-medium text-ink">
          {signedIn === null ? t("window.sign_in.nobody") : signedIn.name}
        </span>
        <span className="tabular truncate text-xs text-ink-faint max-sm:hidden">
          {signedIn === null
            ? t("window.sign_in.title")
            : `${roleWord(signedIn.role)} · ${pinKeptS === 0 ? t("window.sign_in.every_time") : t("window.sign_in.until_short", { time: formatShort(signedIn.untilMs) })}`}
        </span>
      </span>
    </button>
  );
}

/** Nothing is written down when a PIN is forgotten, so that nobody tells: it is looked when it is due. */
function useForgotten(signedIn: SignedIn | null): void {
  const shop = useShop();
  const client = useQueryClient();
  const untilMs = signedIn?.untilMs;
  useEffect(() => {
    if (untilMs === undefined) {
      return;
    }
    const look = () => void client.invalidateQueries({ queryKey: hereOf(shop).queryKey, exact: true });
    const timer = setTimeout(look, Math.max(0, untilMs - Date.now()) + AFTER_MS);
    return () => clearTimeout(timer);
  }, [client, shop, untilMs]);
}
