import { ChevronRight, FolderOpen } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { Button, Chips, LooseField, type LooseFieldProps } from "../../../components";
import { useAct } from "../../../console/acting";
import type { ConnectionForm, Picked } from "../../../ipc/bindings";
import { api as commands } from "../../../ipc/client";
import { t } from "../../../lib/texts";
import type { certificateFiles } from "./form";

type Name = keyof ConnectionForm;
type CertificateFile = (typeof certificateFiles)[number];

/** Which fields the last check called wrong and nobody has touched since. */
export type Wrong = ReadonlySet<string>;

export type FormFieldsProps = {
  api: ConnectionForm["api"];
  onApi: (api: ConnectionForm["api"]) => void;
  wrong: Wrong;
  onTouched: (name: Name) => void;
};

/** Every field of a connection. The names are those of the connection file, so that a developer finds them. */
export function FormFields({ api, onApi, wrong, onTouched }: FormFieldsProps) {
  const [signType, setSignType] = useState<ConnectionForm["signType"]>("HMAC-SHA256");
  const plain = (name: Name, more: Partial<LooseFieldProps> = {}) => (
    <LooseField
      name={name}
      label={t(`window.connect.field.${name}`)}
      error={wrong.has(name) ? t("window.connect.field_wrong") : null}
      {...more}
    />
  );
  const secret = (name: Name) => plain(name, { type: "password" });
  const file = (name: Name, what: Picked) => (
    <FileField
      name={name}
      what={what}
      label={t(`window.connect.field.${name}`)}
      error={wrong.has(name) ? t("window.connect.field_wrong") : null}
      onPicked={() => onTouched(name)}
    />
  );
  return (
    <div className="flex flex-col gap-6">
      <Group title={t("window.connect.group.shop")}>
        {plain("shopName", { placeholder: t("window.connect.example.shopName") })}
        {plain("shopId", { hint: t("window.connect.hint.shopId") })}
      </Group>
      <Group title={t("window.connect.group.backend")}>
        {plain("backendUrl", { type: "url", placeholder: "https://" })}
        {secret("backendToken")}
      </Group>
      <Group
        title={t("window.connect.group.wechat")}
        aside={
          <>
            <input type="hidden" name="api" value={api} />
            <Chips
              label={t("window.connect.field.api")}
              value={api}
              onChange={(next) => {
                onApi(next);
                onTouched("api");
              }}
              choices={[
                { value: "v2", label: "API v2" },
                { value: "v3", label: "API v3" },
              ]}
            />
          </>
        }
      >
        {plain("mchId", { placeholder: "1900000109" })}
        {plain("appId", { placeholder: "wx" })}
        {api === "v2" ? (
          <>
            {secret("apiV2Key")}
            <div className="flex flex-col gap-1.5">
              <span className="text-sm font-medium text-ink">{t("window.connect.field.signType")}</span>
              <input type="hidden" name="signType" value={signType} />
              <Chips
                label={t("window.connect.field.signType")}
                value={signType}
                onChange={(next) => {
                  setSignType(next);
                  onTouched("signType");
                }}
                choices={[
                  { value: "HMAC-SHA256", label: "HMAC-SHA256" },
                  { value: "MD5", label: "MD5" },
                ]}
              />
            </div>
          </>
        ) : (
          <>
            {secret("apiV3Key")}
            {plain("publicKeyId", { placeholder: "PUB_KEY_ID_" })}
            {file("publicKeyFile", "key")}
          </>
        )}
      </Group>
      <Group title={t("window.connect.group.certificate")} hint={t("window.connect.hint.certificate")}>
        {file("certFile", "certificate")}
        {file("keyFile", "key")}
        {file("p12File", "p12")}
        {secret("p12Password")}
      </Group>
      <details className="group">
        <summary className="flex min-h-10 items-center gap-1 rounded-md text-sm font-medium text-ink-soft hover:text-ink">
          <ChevronRight size={16} aria-hidden="true" className="transition-transform group-open:rotate-90" />
          {t("window.connect.group.more")}
        </summary>
        <div className="mt-2 grid gap-4 @xl:grid-cols-2">
          {plain("wechatUrl", { type: "url", placeholder: "https://api.mch.weixin.qq.com" })}
          {file("wechatCaFile", "certificate")}
          {file("backendCaFile", "certificate")}
        </div>
      </details>
    </div>
  );
}

export type GivenFieldsProps = {
  names: readonly CertificateFile[];
  wrong: Wrong;
  onTouched: (name: Name) => void;
};

/** Certificate files beside a connection file, each in place of the one that it names. */
export function GivenFields({ names, wrong, onTouched }: GivenFieldsProps) {
  return (
    <div className="mt-4">
      <Group title={t("window.connect.group.certificate")} hint={t("window.connect.hint.given")}>
        {names.map((name) => (
          <FileField
            key={name}
            name={name}
            what={picks[name]}
            label={t(`window.connect.field.${name}`)}
            error={wrong.has(name) ? t("window.connect.field_wrong") : null}
            onPicked={() => onTouched(name)}
          />
        ))}
      </Group>
    </div>
  );
}

const picks: Record<CertificateFile, Picked> = {
  certFile: "certificate",
  keyFile: "key",
  p12File: "p12",
  publicKeyFile: "key",
};

type GroupProps = { title: string; hint?: string; aside?: ReactNode; children: ReactNode };

function Group({ title, hint, aside, children }: GroupProps) {
  return (
    <fieldset className="min-w-0">
      <div className="mb-2 flex min-h-10 items-center gap-3">
        <legend className="float-left flex-1 text-sm font-semibold text-ink">{title}</legend>
        {aside}
      </div>
      {hint && <p className="-mt-2 mb-3 text-xs text-ink-faint">{hint}</p>}
      <div className="grid items-start gap-4 @xl:grid-cols-2">{children}</div>
    </fieldset>
  );
}

type FileFieldProps = { name: string; what: Picked; label: string; error: string | null; onPicked: () => void };

/** The path of a file on this PC, typed or chosen in the system's dialog. Only the path comes into the window. */
export function FileField({ name, what, label, error, onPicked }: FileFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const [act, busy] = useAct();
  const pick = () =>
    void act(t("window.connect.pick_for", { field: label }), async () => {
      const path = await commands.connectionPick(what);
      if (path !== null && field.current !== null) {
        field.current.value = path;
        onPicked();
      }
    });
  return (
    <LooseField
      ref={field}
      name={name}
      label={label}
      error={error}
      after={
        <Button
          busy={busy}
          aria-label={t("window.connect.pick_for", { field: label })}
          icon={<FolderOpen size={16} aria-hidden="true" />}
          onClick={pick}
        >
          {t("window.connect.pick")}
        </Button>
      }
    />
  );
}
