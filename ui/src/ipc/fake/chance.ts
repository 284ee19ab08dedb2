/** Numbers that look like chance and are the same for the same seed (mulberry32), so that a picture can be compared. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to but not including `below`. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  /** One of these. */
  one<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  /** True in `percent` of a hundred cases. */
  percent(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** So many digits. */
  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join("");
  }
}
