import { Dialog, Kbd } from "../../components";
import { activeShortcuts } from "../../lib/keys";
import { t } from "../../lib/texts";

/** How a key is written on the keys of a keyboard. */
const written: Record<string, string> = { Escape: "Esc" };

/** Every shortcut that acts now, taken from the shortcuts themselves so that the list cannot be wrong. */
export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={t("window.keys.title")} width="narrow">
      <dl className="divide-y divide-line">
        {activeShortcuts().map(({ keys, text }) => (
          <div key={keys} className="flex min-h-9 items-center justify-between gap-4 py-1">
            <dt className="text-ink">{t(text)}</dt>
            <dd className="flex shrink-0 gap-1">
              {keys.split(" ").map((key) => (
                <Kbd key={key}>{written[key] ?? key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
