import type { ReactNode } from "react";
import { Tabs } from "../../components";
import { go, useWhere } from "../../console/navigation";
import { t } from "../../lib/texts";
import { About } from "./About";
import { Connect } from "./connect/Connect";
import { LookAndSound } from "./LookAndSound";
import { Shop } from "./Shop";

const sections = ["shop", "connect", "look", "about"] as const;
type Section = (typeof sections)[number];

const contents: Record<Section, ReactNode> = {
  shop: <Shop />,
  connect: <Connect />,
  look: <LookAndSound />,
  about: <About />,
};

/** The shop as it is set up, connecting another one, look and sound, and what this program is. */
export function SettingsScreen() {
  const { section } = useWhere();
  const shown = sections.find((one) => one === section) ?? "shop";
  return (
    <section aria-label={t("window.settings.title")} className="h-full min-h-0 bg-surface">
      <h1 className="sr-only">{t("window.frame.place.settings")}</h1>
      <Tabs
        label={t("window.settings.sections")}
        value={shown}
        onChange={(next) => go("settings", next)}
        tabs={sections.map((value) => ({ value, label: t(`window.settings.section.${value}`) }))}
      >
        <div className="thin-scroll @container h-full overflow-y-auto">
          <div className="mx-auto max-w-3xl pb-6 [&>section:first-child]:border-t-0">{contents[shown]}</div>
        </div>
      </Tabs>
    </section>
  );
}
