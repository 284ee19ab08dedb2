import { LockKeyhole, MonitorCheck, RefreshCw } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button, Empty, FaultNotice, LooseField } from "../../components";
import { useAct } from "../../console/acting";
import { asFault } from "../../console/faults";
import { useShopCard } from "../../console/shop";
import type { Fault, ShopCard } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";

/** Lets a screen through when its shop is open, and says what is missing when it is not. */
export function ShopGate({ children }: { children: ReactNode }) {
  const shop = useShopCard();
  if (shop?.state === "locked") {
    return <Unlock key={shop.key} shop={shop} />;
  }
  if (shop?.state === "failed") {
    return <Failed key={shop.key} shop={shop} />;
  }
  if (shop?.state === "elsewhere") {
    return <Elsewhere key={shop.key} shop={shop} />;
  }
  return children;
}

/** Why the shop could not be opened, and another try. */
function Failed({ shop: { key, fault } }: { shop: ShopCard }) {
  const [act, busy] = useAct();
  return (
    <div className="thin-scroll flex min-h-0 flex-1 overflow-y-auto p-4">
      <div className="m-auto flex w-[30rem] max-w-full flex-col gap-3">
        {fault && <FaultNotice fault={fault} />}
        <Again busy={busy} onClick={() => void act(t("window.common.retry"), () => api.shopOpen(key))} />
      </div>
    </div>
  );
}

/** Another program on this PC watches the shop. It is taken over when that one ends. */
function Elsewhere({ shop: { key } }: { shop: ShopCard }) {
  const [act, busy] = useAct();
  return (
    <Empty
      icon={<MonitorCheck size={32} aria-hidden="true" />}
      title={t("window.frame.shop.elsewhere")}
      action={<Again busy={busy} onClick={() => void act(t("window.common.retry"), () => api.shopOpen(key))} />}
    >
      {t("window.frame.elsewhere")}
    </Empty>
  );
}

function Again({ busy, onClick }: { busy: boolean; onClick: () => void }) {
  return (
    <Button className="self-start" busy={busy} icon={<RefreshCw size={16} aria-hidden="true" />} onClick={onClick}>
      {t("window.common.retry")}
    </Button>
  );
}

function Unlock({ shop }: { shop: ShopCard }) {
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const unlock = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    // Read the moment it is needed and kept nowhere.
    const passphrase = String(new FormData(form).get("passphrase") ?? "");
    if (busy || passphrase === "") {
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      await api.shopUnlock(shop.key, passphrase);
    } catch (reason) {
      setFault(asFault(reason));
    } finally {
      form.reset();
      setBusy(false);
    }
  };
  return (
    <div className="thin-scroll flex min-h-0 flex-1 overflow-y-auto p-4">
      <form onSubmit={(event) => void unlock(event)} className="m-auto flex w-96 max-w-full flex-col gap-4">
        <LockKeyhole size={32} aria-hidden="true" className="text-ink-faint" />
        <div>
          <h1 className="text-lg font-semibold">{t("window.frame.locked_title", { name: shop.name })}</h1>
          <p className="mt-1 text-ink-soft">{t("window.frame.locked_more")}</p>
        </div>
        <LooseField name="passphrase" label={t("window.frame.passphrase")} type="password" autoFocus />
        {fault && <FaultNotice fault={fault} />}
        <Button type="submit" tone="primary" busy={busy}>
          {t("window.frame.unlock")}
        </Button>
      </form>
    </div>
  );
}
