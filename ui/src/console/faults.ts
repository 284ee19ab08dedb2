import type { Fault } from "../ipc/bindings";

/** What a command rejected with. Anything that is no fault is a mistake of ours and is shown as one. */
export function asFault(reason: unknown): Fault {
  if (typeof reason === "object" && reason !== null && "code" in reason && typeof reason.code === "string") {
    return reason as Fault;
  }
  const reference = reason instanceof Error ? reason.name : "";
  return { code: "internal", parameters: {}, retry: "now", reference };
}
