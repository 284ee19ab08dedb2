import type { Check, ConnectionForm, ConnectionSource, Trial } from "../bindings";
import type { Answers, Stage } from "./commands";
import { note } from "./log";
import { admit } from "./people";
import { fault, makeWorld } from "./world";

const paths = {
  connection: "/home/shop/下载/connection.json",
  certificate: "/home/shop/下载/cert/apiclient_cert.pem",
  key: "/home/shop/下载/cert/apiclient_key.pem",
  p12: "/home/shop/下载/cert/apiclient_cert.p12",
};

/**
 * Connecting a shop. A form is right when its token is `right-token`, its key has 32 characters and it names a
 * certificate and a key, or a p12 file. JSON is right when it has a `shop`; a file always is.
 */
export function connectCommands({ options, worlds, console, changed, worldOf }: Stage) {
  const keep = (source: ConnectionSource, vault: boolean): string => {
    const trial = tryOut(source);
    const key = source.kind === "form" ? source.form.shopId : "coffee-02";
    if (!trial.mayConnect) {
      throw fault("connection_member_missing", { member: "shop" });
    }
    const world = makeWorld(key, trial.shopName ?? key, "watching", { ...options, orders: 0, alerts: false });
    world.settings.secrets = vault ? "vault" : "keychain";
    worlds.set(key, world);
    console.shown = key;
    changed(["console"]);
    return key;
  };
  return {
    connectionPick: (what) => paths[what],
    connectionTry: (source) => tryOut(source),
    connectionKeep: (source, place) => keep(source, place.kind === "vault"),
    shopSettings: (shop) => {
      const world = worldOf(shop);
      if (world.state === "locked") {
        throw fault("vault_needs_passphrase");
      }
      return world.settings;
    },
    shopAlertsSet: (shop, on) => {
      const world = worldOf(shop);
      const by = admit(world.desk, "set_alerts", "manager");
      note(world.desk, "setting_changed", by?.id ?? null, { alerts: String(on) }, { alerts: String(!on) });
      world.settings.alerts = on;
      changed(["console"], shop);
      return null;
    },
  } satisfies Partial<Answers>;
}

function tryOut(source: ConnectionSource): Trial {
  if (source.kind === "form") {
    return tryForm(source.form);
  }
  if (source.kind === "json" && !source.text.includes('"shop"')) {
    const check = wrong("shop", [], "connection_json_invalid", { member: "shop" });
    return { shopName: null, checks: [check, ...unchecked(["backend", "wechat", "certificate"])], mayConnect: false };
  }
  return {
    shopName: "晴川咖啡 · 静安店",
    checks: [right("shop", "晴川咖啡 · 静安店"), right("backend"), right("wechat"), right("certificate", "2031-03-01")],
    mayConnect: true,
  };
}

function tryForm(form: ConnectionForm): Trial {
  const missing = (["shopId", "shopName", "backendUrl", "appId", "mchId"] as const).filter((name) => form[name] === "");
  if (missing.length > 0) {
    const check = wrong("shop", missing, "connection_member_missing", { member: missing[0] ?? "" });
    return { shopName: null, checks: [check, ...unchecked(["backend", "wechat", "certificate"])], mayConnect: false };
  }
  const backend =
    form.backendToken === "right-token"
      ? right("backend")
      : wrong("backend", ["backendToken"], "backend_unauthenticated");
  const key = form.api === "v2" ? ("apiV2Key" as const) : ("apiV3Key" as const);
  const wechat = form[key].length === 32 ? right("wechat") : wrong("wechat", [key], "wechat_key_wrong");
  const files = form.certFile !== "" && form.keyFile !== "";
  const certificate =
    files || form.p12File !== ""
      ? right("certificate", "2031-03-01")
      : wrong("certificate", ["certFile", "keyFile"], "wechat_certificate_missing");
  const checks = [right("shop", form.shopName), backend, wechat, certificate];
  return { shopName: form.shopName, checks, mayConnect: checks.every(({ state }) => state !== "wrong") };
}

const right = (subject: Check["subject"], note: string | null = null): Check => ({
  subject,
  state: "right",
  fields: [],
  fault: null,
  note,
});

const wrong = (
  subject: Check["subject"],
  fields: string[],
  code: string,
  parameters: Record<string, string> = {},
): Check => ({ subject, state: "wrong", fields, fault: fault(code, parameters), note: null });

const unchecked = (subjects: Check["subject"][]): Check[] =>
  subjects.map((subject) => ({ subject, state: "unchecked", fields: [], fault: null, note: null }));
