import { useQuery } from "@tanstack/react-query";
import { UserRoundCheck } from "lucide-react";
import { Button, FaultNotice, type FaultNoticeProps } from "../components";
import type { ShopKey } from "../ipc/bindings";
import { listOf, t } from "../lib/texts";
import { hereOf, personWord } from "./people";
import { couldBeHandedOver } from "./signing";

export type RefusalProps = Omit<FaultNoticeProps, "children" | "onRetry"> & {
  shop: ShopKey;
  /** Lets somebody else sign in and do what was refused. */
  onHandOver: () => void;
};

/** Why something was refused, and where somebody else may do it, who that could be and the way to let them. */
export function Refusal({ shop, onHandOver, ...notice }: RefusalProps) {
  return (
    <FaultNotice {...notice}>
      {couldBeHandedOver(notice.fault) && <Others shop={shop} fault={notice.fault} onHandOver={onHandOver} />}
    </FaultNotice>
  );
}

function Others({ shop, fault, onHandOver }: Pick<RefusalProps, "shop" | "fault" | "onHandOver">) {
  const { data: here } = useQuery(hereOf(shop));
  // By role and by limits, which the engine knows.
  const able = fault.parameters.able?.split(",") ?? [];
  const others = here?.colleagues.filter(({ id }) => able.includes(id)) ?? [];
  return (
    <>
      {others.length > 0 && (
        <p className="mt-1 text-ink-soft">{t("window.sign_in.can", { names: listOf(others.map(personWord)) })}</p>
      )}
      <Button size="small" className="mt-2" icon={<UserRoundCheck size={14} aria-hidden="true" />} onClick={onHandOver}>
        {t("window.sign_in.hand_over")}
      </Button>
    </>
  );
}
