import type { Fault } from "./bindings";
import { type Commands, host } from "./host";

/** A command was refused or failed. It is the fault itself, so `code`, `parameters`, `retry` and `reference` are on it. */
export class FaultError extends Error implements Fault {
  override readonly name = "FaultError";
  readonly code: string;
  readonly parameters: Record<string, string>;
  readonly retry: Fault["retry"];
  readonly reference: string;

  constructor({ code, parameters, retry, reference }: Fault) {
    super(code);
    this.code = code;
    this.parameters = parameters;
    this.retry = retry;
    this.reference = reference;
  }
}

/**
 * The commands of the window. A rejection is always a `FaultError`; what is not even a fault, as when the shell does not
 * know the command, becomes `internal`, whose text says what to do.
 */
export const api: Commands = new Proxy({} as Commands, {
  get: (_, name: keyof Commands) => (call as (...all: unknown[]) => unknown).bind(null, name),
});

async function call<Name extends keyof Commands>(name: Name, ...given: Parameters<Commands[Name]>): Promise<unknown> {
  try {
    return await (host().commands[name] as (...all: typeof given) => Promise<unknown>)(...given);
  } catch (reason) {
    throw new FaultError(isFault(reason) ? reason : { code: "internal", parameters: {}, retry: "now", reference: "" });
  }
}

function isFault(reason: unknown): reason is Fault {
  return (
    typeof reason === "object" &&
    reason !== null &&
    typeof (reason as Fault).code === "string" &&
    typeof (reason as Fault).parameters === "object" &&
    typeof (reason as Fault).reference === "string"
  );
}
