import { useQueries } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useConsole } from "../../console/shop";
import { type Heard, nextSound, nothingHeard, type Sounding } from "../../console/sound/schedule";
import { playSound, wakeAudio } from "../../console/sound/voices";
import { alertsOf } from "./queries";

/** Lets open alerts be heard until somebody acknowledges them: those of every real shop, and of the one that is shown. */
export function useAlertSounds(): void {
  const { shops, shown, preferences } = useConsole();
  const { sound, volume } = preferences;
  const heardShops = shops.filter((shop) => shop.key === shown || (!shop.demo && shop.state === "watching"));
  const open = useQueries({
    queries: heardShops.map((shop) => alertsOf(shop.key)),
    combine: (answers) =>
      answers.flatMap(({ data }, place) =>
        (data ?? []).map(({ key, meaning }): Sounding => ({ key: `${heardShops[place]?.key}/${key}`, meaning })),
      ),
  });
  const heard = useRef<Heard>(nothingHeard);

  useEffect(() => {
    const wake = () => wakeAudio();
    window.addEventListener("pointerdown", wake, { once: true });
    window.addEventListener("keydown", wake, { once: true });
    return () => {
      window.removeEventListener("pointerdown", wake);
      window.removeEventListener("keydown", wake);
    };
  }, []);

  useEffect(() => {
    if (!sound) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const step = () => {
      const { play, heard: next, waitMs } = nextSound(open, heard.current, Date.now());
      heard.current = next;
      if (play) {
        playSound(play, volume);
      }
      if (waitMs !== null) {
        timer = setTimeout(step, waitMs);
      }
    };
    step();
    return () => clearTimeout(timer);
  }, [open, sound, volume]);
}
