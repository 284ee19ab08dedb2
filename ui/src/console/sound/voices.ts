import type { Meaning } from "../../ipc/bindings";
import type { Sound } from "./schedule";

/** One tone: when it begins and how long it rings, in seconds, and its pitch. */
export type Tone = { at: number; length: number; hz: number; timbre: OscillatorType };

/**
 * One short figure for each meaning, told apart by direction and colour of the tones, not by pitch alone: a shop is
 * loud. Good news rises, a cancelled order falls, a question ends upwards, trouble is low and rough.
 */
export const voices: Record<Meaning, readonly Tone[]> = {
  new_order: [
    { at: 0, length: 0.35, hz: 784, timbre: "sine" },
    { at: 0.14, length: 0.5, hz: 1175, timbre: "sine" },
  ],
  cancelled: [
    { at: 0, length: 0.25, hz: 880, timbre: "triangle" },
    { at: 0.18, length: 0.25, hz: 659, timbre: "triangle" },
    { at: 0.36, length: 0.45, hz: 440, timbre: "triangle" },
  ],
  refund_asked: [
    { at: 0, length: 0.2, hz: 587, timbre: "triangle" },
    { at: 0.22, length: 0.2, hz: 587, timbre: "triangle" },
    { at: 0.44, length: 0.5, hz: 880, timbre: "triangle" },
  ],
  printer: [
    { at: 0, length: 0.1, hz: 330, timbre: "square" },
    { at: 0.15, length: 0.1, hz: 330, timbre: "square" },
    { at: 0.3, length: 0.1, hz: 330, timbre: "square" },
  ],
  contact: [
    { at: 0, length: 0.4, hz: 294, timbre: "sawtooth" },
    { at: 0.45, length: 0.55, hz: 220, timbre: "sawtooth" },
  ],
  attention: [
    { at: 0, length: 0.22, hz: 196, timbre: "sawtooth" },
    { at: 0.24, length: 0.22, hz: 277, timbre: "sawtooth" },
    { at: 0.48, length: 0.22, hz: 196, timbre: "sawtooth" },
    { at: 0.72, length: 0.4, hz: 277, timbre: "sawtooth" },
  ],
};

/** Rough timbres carry further than a sine of the same height, so they get less. */
const loudness: Partial<Record<OscillatorType, number>> = { sine: 1, triangle: 0.9, square: 0.35, sawtooth: 0.4 };

let shared: AudioContext | null = null;

function audio(): AudioContext | null {
  if (shared === null && typeof AudioContext === "function") {
    shared = new AudioContext();
  }
  return shared;
}

/**
 * Plays a sound at `volume` (0 to 100). Some web views keep audio asleep until the first click or key: then it wakes
 * with that one, and the next repetition is heard.
 */
export function playSound(sound: Sound, volume: number): void {
  const context = audio();
  if (context === null || volume <= 0) {
    return;
  }
  void context.resume();
  const start = context.currentTime + 0.02;
  for (const tone of voices[sound.meaning]) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const peak = sound.strength * (volume / 100) * (loudness[tone.timbre] ?? 1);
    oscillator.type = tone.timbre;
    oscillator.frequency.value = tone.hz;
    gain.gain.setValueAtTime(0.0001, start + tone.at);
    gain.gain.exponentialRampToValueAtTime(Math.max(0.0002, peak), start + tone.at + 0.012);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + tone.at + tone.length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start + tone.at);
    oscillator.stop(start + tone.at + tone.length + 0.05);
  }
}

/** Wakes audio inside a click or a key press, which is when every web view allows it. */
export function wakeAudio(): void {
  void audio()?.resume();
}
