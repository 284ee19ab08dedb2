import { useEffect, useState } from "react";

/** The second click of a double click comes sooner; reading what took the place of something takes longer. */
const SETTLE_MS = 700;

/** Whether what is shown has stood there for a moment. Before that a click may be meant for what stood there before. */
export function useSettled(shown: string): boolean {
  const [settled, settle] = useState(shown);
  useEffect(() => {
    const timer = setTimeout(() => settle(shown), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return settled === shown;
}
