import { Volume2 } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { Button, Part, Radios, Switch } from "../../components";
import { playSound } from "../../console/sound/voices";
import type { Meaning, Preferences } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { usePreferences } from "./usePreferences";

const looks = ["system", "light", "dark"] as const;

/** Every language by its own name: whoever cannot read the window must still find the way out. */
const languages: readonly { value: Preferences["language"]; label: string }[] = [
  { value: "zh-CN", label: "简体中文" },
  { value: "zh-TW", label: "繁體中文" },
  { value: "en", label: "English" },
];

const meanings: readonly Meaning[] = ["new_order", "cancelled", "refund_asked", "printer", "contact", "attention"];

/** A volume that is being dragged is written down once the hand rests. */
const REST_MS = 200;

/** How the window looks, which language it speaks, and how loud it is. */
export function LookAndSound() {
  const [preferences, change] = usePreferences();
  return (
    <>
      <Part level={2} title={t("window.settings.look.title")}>
        <Radios
          label={t("window.settings.look.title")}
          value={preferences.look}
          onChange={(look) => change({ look })}
          options={looks.map((value) => ({ value, label: t(`window.settings.look.${value}`) }))}
        />
      </Part>
      <Part level={2} title={t("window.settings.language")}>
        <Radios
          label={t("window.settings.language")}
          value={preferences.language}
          onChange={(language) => change({ language })}
          options={languages.map(({ value, label }) => ({ value, label: <span lang={value}>{label}</span> }))}
        />
      </Part>
      <Part level={2} title={t("window.settings.sound.title")}>
        <Switch
          label={t("window.settings.sound.on")}
          hint={t("window.settings.sound.on_more")}
          checked={preferences.sound}
          onChange={(sound) => change({ sound })}
        />
        <Volume volume={preferences.volume} disabled={!preferences.sound} onChange={(volume) => change({ volume })} />
      </Part>
    </>
  );
}

type VolumeProps = { volume: number; disabled: boolean; onChange: (volume: number) => void };

function Volume({ volume, disabled, onChange }: VolumeProps) {
  const [dragged, drag] = useState<number | null>(null);
  const name = useId();
  const shown = dragged ?? volume;
  useEffect(() => {
    if (dragged === null) {
      return;
    }
    if (dragged === volume) {
      drag(null);
      return;
    }
    const timer = setTimeout(() => onChange(dragged), REST_MS);
    return () => clearTimeout(timer);
  }, [dragged, volume, onChange]);
  return (
    <>
      <div className="flex min-h-11 items-center gap-3">
        <label htmlFor={name} className="text-ink">
          {t("window.settings.sound.volume")}
        </label>
        <input
          id={name}
          type="range"
          min={0}
          max={100}
          step={5}
          value={shown}
          disabled={disabled}
          onChange={(event) => drag(Number(event.target.value))}
          className="h-10 min-w-0 flex-1 accent-accent disabled:opacity-50"
        />
        <output htmlFor={name} className="tabular w-12 text-right text-ink-soft">
          {shown}%
        </output>
      </div>
      <p className="mt-2 mb-2 text-xs text-ink-faint">{t("window.settings.sound.try")}</p>
      <div className="flex flex-wrap gap-2">
        {meanings.map((meaning) => (
          <Button
            key={meaning}
            disabled={disabled}
            icon={<Volume2 size={16} aria-hidden="true" />}
            onClick={() => playSound({ meaning, strength: 1 }, shown)}
          >
            {t(`window.settings.sound.meaning.${meaning}`)}
          </Button>
        ))}
      </div>
    </>
  );
}
