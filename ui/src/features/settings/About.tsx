import { useQuery } from "@tanstack/react-query";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Fact, Facts, IconButton, Part } from "../../components";
import { copyText } from "../../console/copy";
import { useConsole, useShop } from "../../console/shop";
import { t } from "../../lib/texts";
import { settingsOf } from "./queries";

/** What this program is, and where its data are. */
export function About() {
  const { version } = useConsole();
  const { data: settings } = useQuery(settingsOf(useShop()));
  const [copied, setCopied] = useState(false);
  return (
    <Part level={2} title={t("window.settings.section.about")}>
      <p className="mb-1 text-lg font-semibold text-ink">{t("window.settings.about.name")}</p>
      <p className="mb-4 text-ink-soft">{t("window.settings.about.what")}</p>
      <Facts>
        <Fact name={t("window.settings.about.version")}>
          <span className="tabular">{version}</span>
        </Fact>
        {settings !== undefined && (
          <Fact name={t("window.settings.about.folder")}>
            <span className="flex items-start gap-1">
              <span className="min-w-0 font-mono text-xs leading-5 break-all">{settings.dataFolder}</span>
              <IconButton
                label={t(copied ? "window.frame.copied" : "window.frame.copy")}
                size="small"
                className="-my-1.5"
                onClick={() => void copyText(settings.dataFolder).then(setCopied)}
              >
                {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
              </IconButton>
            </span>
          </Fact>
        )}
        <Fact name={t("window.settings.about.licence")}>MIT</Fact>
      </Facts>
      <p className="mt-4 text-xs text-ink-faint">{t("window.settings.about.private")}</p>
    </Part>
  );
}
