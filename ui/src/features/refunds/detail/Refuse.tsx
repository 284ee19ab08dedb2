import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button, TextField } from "../../../components";
import { t } from "../../../lib/texts";

/** Reasons that a counter gives every day; each stands in the catalogue. */
const presets = ["already_made", "handed_out", "no_proof", "too_late", "exchange"] as const;

export type RefuseProps = { waiting: boolean; shut: boolean; onRefuse: (reason: string) => void; onBack: () => void };

/** Asks for the reason of a refusal: the customer reads it, so there is none without. */
export function Refuse({ waiting, shut, onRefuse, onBack }: RefuseProps) {
  const [reason, setReason] = useState("");
  const [complain, setComplain] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const missing = reason.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setComplain(true);
    if (missing) {
      field.current?.focus();
    } else if (!waiting && !shut) {
      onRefuse(reason.trim());
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <TextField
        ref={field}
        label={t("window.refunds.refuse_reason")}
        value={reason}
        onChange={setReason}
        maxLength={80}
        error={complain && missing ? t("window.refunds.refuse_reason_missing") : null}
        hint={t("window.refunds.refuse_reason_hint")}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would frame what belongs to the field above */}
      <div role="group" aria-label={t("window.refunds.presets")} className="flex flex-wrap gap-2">
        {presets.map((preset) => {
          const text = t(`window.refunds.preset.${preset}`);
          return (
            <Button key={preset} size="small" aria-pressed={reason === text} onClick={() => setReason(text)}>
              {text}
            </Button>
          );
        })}
      </div>
      <div className="flex flex-wrap gap-2 pt-1">
        <Button type="submit" tone="danger" busy={waiting} disabled={shut}>
          {t("window.refunds.refuse_now")}
        </Button>
        <Button tone="quiet" onClick={onBack}>
          {t("window.common.cancel")}
        </Button>
      </div>
    </form>
  );
}
