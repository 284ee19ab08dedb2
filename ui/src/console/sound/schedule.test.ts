import { describe, expect, it } from "vitest";
import { APART_MS, GRAVITY, type Heard, nextSound, nothingHeard, REPEAT_MS, type Sounding } from "./schedule";

const order = (key: string): Sounding => ({ key, meaning: "new_order" });

/** Lets the time pass as the window does, and writes down what sounds. */
function listen(open: (nowMs: number) => Sounding[], untilMs: number) {
  const sounds: { atMs: number; meaning: string; strength: number }[] = [];
  let heard: Heard = nothingHeard;
  let nowMs = 0;
  while (nowMs <= untilMs) {
    const step = nextSound(open(nowMs), heard, nowMs);
    heard = step.heard;
    if (step.play) {
      sounds.push({ atMs: nowMs, ...step.play });
    }
    if (step.waitMs === null) {
      break;
    }
    expect(step.waitMs).toBeGreaterThan(0);
    nowMs += step.waitMs;
  }
  return sounds;
}

describe("the sounds of open alerts", () => {
  it("are silent when nothing is open", () => {
    expect(nextSound([], nothingHeard, 0)).toEqual({ play: null, heard: nothingHeard, waitMs: null });
  });

  it("begin at once, come back every 20 s, and grow to the full volume", () => {
    const sounds = listen(() => [order("a")], 5 * REPEAT_MS);
    expect(sounds.map((sound) => sound.atMs)).toEqual([0, 20_000, 40_000, 60_000, 80_000, 100_000]);
    expect(sounds.map((sound) => sound.strength)).toEqual([0.5, 0.65, 0.8, 0.95, 1, 1]);
  });

  it("stop as soon as the alert is acknowledged", () => {
    const sounds = listen((nowMs) => (nowMs < 30_000 ? [order("a")] : []), 200_000);
    expect(sounds).toHaveLength(2);
  });

  it("begin softly again when the same alert comes back", () => {
    const first = nextSound([order("a")], nothingHeard, 0);
    const gone = nextSound([], first.heard, 5_000);
    expect(nextSound([order("a")], gone.heard, 60_000).play).toEqual({ meaning: "new_order", strength: 0.5 });
  });

  it("are one sound when several are due, and it is the gravest", () => {
    const open: Sounding[] = GRAVITY.toReversed().map((meaning) => ({ key: meaning, meaning }));
    const step = nextSound(open, nothingHeard, 0);
    expect(step.play?.meaning).toBe("attention");
    // All of them count as heard: the lesser ones do not follow one by one.
    expect(nextSound(open, step.heard, APART_MS).play).toBeNull();
  });

  it("are never closer to each other than one can tell apart", () => {
    const first = nextSound([order("a")], nothingHeard, 0);
    const second = nextSound([order("a"), order("b")], first.heard, 300);
    expect(second.play).toBeNull();
    expect(second.waitMs).toBe(APART_MS - 300);
    expect(nextSound([order("a"), order("b")], second.heard, APART_MS).play?.meaning).toBe("new_order");
  });
});
