import type { MouseEvent } from "react";

/** Acts on a click, and not on the second one of a double click, which nobody meant. Keys are no such clicks. */
export const single =
  (run: () => void) =>
  ({ detail }: MouseEvent): void => {
    if (detail <= 1) {
      run();
    }
  };
