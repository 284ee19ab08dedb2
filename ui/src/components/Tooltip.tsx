import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";

export type TooltipProps = {
  text: ReactNode;
  /** One element that takes a ref and focus. */
  children: ReactElement;
  side?: "top" | "bottom" | "left" | "right";
};

/** A word about something, on hover and on focus. Never the only place of something that a clerk must know. */
export function Tooltip({ text, children, side = "top" }: TooltipProps) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} collisionPadding={8} className="z-50">
          <Base.Popup className="max-w-80 rounded-md bg-ink px-2.5 py-1.5 text-xs text-canvas shadow-raised">
            {text}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Lets tooltips that stand beside each other open without a second wait. */
export const TooltipProvider = Base.Provider;
