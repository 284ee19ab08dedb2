import { useQuery } from "@tanstack/react-query";
import { Check, Copy, Power } from "lucide-react";
import { useState } from "react";
import { Button, Fact, Facts, IconButton, Part } from "../../components";
import { useAct } from "../../console/acting";
import { copyText } from "../../console/copy";
import { useConsole, useShop } from "../../console/shop";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { settingsOf } from "./queries";

/** What this program is, and where its data are. */
export function About() {
  const { version } = useConsole();
  const { data: settings } = useQuery(settingsOf(useShop()));
  const [quit, quitting] = useAct();
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
      <div className="mt-6 flex items-center gap-4 border-t border-line pt-4">
        <p className="min-w-0 flex-1 text-ink-soft">{t("window.settings.about.quit_more")}</p>
        <Button
          busy={quitting}
          icon={<Power size={16} aria-hidden="true" />}
          onClick={() => void quit(t("window.settings.about.quit"), () => api.quit())}
        >
          {t("window.settings.about.quit")}
        </Button>
      </div>
    </Part>
  );
}
