import type { ConnectionForm, ConnectionSource, GivenFiles } from "../../../ipc/bindings";

/** How somebody describes a shop: by a file from its developer, by that file's text, or field by field. */
export type Way = ConnectionSource["kind"];

export const ways: readonly Way[] = ["file", "json", "form"];

const empty: ConnectionForm = {
  shopId: "",
  shopName: "",
  backendUrl: "",
  backendToken: "",
  backendCaFile: "",
  api: "v2",
  wechatUrl: "",
  wechatCaFile: "",
  appId: "",
  mchId: "",
  apiV2Key: "",
  signType: "HMAC-SHA256",
  apiV3Key: "",
  publicKeyId: "",
  publicKeyFile: "",
  certFile: "",
  keyFile: "",
  p12File: "",
  p12Password: "",
};

/** Passwords and keys are taken as they are: a blank at their end may be part of them. */
const verbatim: ReadonlySet<string> = new Set(["p12Password"]);

/** What the page's form holds now, read the moment it is needed and kept nowhere. */
export function readSource(way: Way, typed: FormData): ConnectionSource {
  const text = (name: string) => {
    const value = typed.get(name);
    return typeof value === "string" ? value : "";
  };
  switch (way) {
    case "file":
      return { kind: "file", path: text("path").trim(), given: givenIn(text) };
    case "json":
      return { kind: "json", text: text("json") };
    case "form": {
      const form = { ...empty } as Record<keyof ConnectionForm, string>;
      for (const name of Object.keys(empty) as (keyof ConnectionForm)[]) {
        if (typed.has(name)) {
          form[name] = verbatim.has(name) ? text(name) : text(name).trim();
        }
      }
      return { kind: "form", form: form as ConnectionForm };
    }
  }
}

function givenIn(text: (name: string) => string): GivenFiles {
  const given = { certFile: "", keyFile: "", p12File: "", publicKeyFile: "" };
  for (const name of certificateFiles) {
    given[name] = text(name).trim();
  }
  return given;
}

/** Whether there is anything to check at all. */
export function isEmpty(source: ConnectionSource): boolean {
  switch (source.kind) {
    case "file":
      return source.path === "";
    case "json":
      return source.text.trim() === "";
    case "form":
      return false;
  }
}

/** The fields of certificate files, which stand beside a connection file too. */
export const certificateFiles = ["certFile", "keyFile", "p12File", "publicKeyFile"] as const;

/** A field that holds the path of a file. */
export type FileName = "path" | (typeof certificateFiles)[number];

/**
 * Which field a file belongs into, by its name: the merchant platform calls its files `apiclient_cert.p12`,
 * `apiclient_cert.pem`, `apiclient_key.pem` and `pub_key.pem`. Null where no field takes it.
 */
export function fieldOf(path: string): FileName | null {
  const name = (path.split(/[/\\]/).pop() ?? "").toLowerCase();
  if (name.endsWith(".json")) {
    return "path";
  }
  if (/\.(p12|pfx)$/.test(name)) {
    return "p12File";
  }
  if (/\.(pem|crt|cer|key)$/.test(name)) {
    if (/pub(lic)?_?key/.test(name)) {
      return "publicKeyFile";
    }
    return /key/.test(name) ? "keyFile" : "certFile";
  }
  return null;
}
