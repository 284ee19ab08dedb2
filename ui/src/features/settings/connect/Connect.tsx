import { type FormEvent, useRef, useState } from "react";
import { Button, Chips, LooseField, Part, Radios, toast } from "../../../components";
import { asFault } from "../../../console/faults";
import { go } from "../../../console/navigation";
import { Refusal } from "../../../console/Refusal";
import { useShop } from "../../../console/shop";
import { asSomebody, handOver } from "../../../console/signing";
import type { ConnectionForm, Fault, SecretPlace, Trial } from "../../../ipc/bindings";
import { api as commands } from "../../../ipc/client";
import { t } from "../../../lib/texts";
import { Findings } from "./Findings";
import { FileField, FormFields, GivenFields } from "./FormFields";
import { certificateFiles, isEmpty, readSource, type Way, ways } from "./form";
import { useDrops } from "./useDrops";

/**
 * Connects a real shop: described, checked by trying it, then kept. What is typed stays in the page's form, which is
 * read when it is sent; keys and passphrases are nowhere else, and are gone when the form is.
 */
export function Connect() {
  const shop = useShop();
  const form = useRef<HTMLFormElement>(null);
  const findings = useRef<HTMLDivElement>(null);
  const [way, setWay] = useState<Way>("file");
  const [place, setPlace] = useState<SecretPlace["kind"]>("keychain");
  const [trial, setTrial] = useState<Trial | null>(null);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [complaint, setComplaint] = useState<"empty" | "passphrase_empty" | "passphrase_differs" | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState<"check" | "keep" | null>(null);
  // Counts what was changed, so that the answer to an earlier description is not taken for one to this.
  const changes = useRef(0);

  const touch = (name: string) => {
    changes.current += 1;
    setTouched((before) => (before.has(name) ? before : new Set([...before, name])));
    setComplaint(null);
  };
  const onInput = ({ target }: FormEvent) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) {
      return;
    }
    // Where the keys are kept is no part of what was checked; the choice of it has no name.
    if (target.name.startsWith("passphrase")) {
      setComplaint(null);
    } else if (target.name !== "") {
      touch(target.name);
    }
  };
  const chooseWay = (next: Way) => {
    changes.current += 1;
    setWay(next);
    setTrial(null);
    setFault(null);
    setComplaint(null);
    setTouched(new Set());
    setGiven([]);
  };

  // Beside a connection file only those that somebody brought: it names its own.
  const [given, setGiven] = useState<readonly (typeof certificateFiles)[number][]>([]);
  const [api, setApi] = useState<ConnectionForm["api"]>("v2");
  useDrops(form, (fields) => {
    const next = fields.includes("path") ? "file" : "form";
    if (next !== way) {
      chooseWay(next);
    }
    setGiven(certificateFiles.filter((name) => fields.includes(name)));
    if (fields.includes("publicKeyFile")) {
      setApi("v3");
    }
    for (const field of fields) {
      touch(field);
    }
  });

  const check = async () => {
    if (form.current === null || busy !== null) {
      return;
    }
    const source = readSource(way, new FormData(form.current));
    setFault(null);
    if (isEmpty(source)) {
      setComplaint("empty");
      return;
    }
    setComplaint(null);
    setBusy("check");
    const asked = changes.current;
    try {
      const found = await commands.connectionTry(source);
      setTrial(found);
      if (asked === changes.current) {
        setTouched(new Set());
      }
      requestAnimationFrame(() => findings.current?.scrollIntoView({ block: "nearest" }));
    } catch (reason) {
      setFault(asFault(reason));
    } finally {
      setBusy(null);
    }
  };

  const keep = async (refused: Fault | null = null) => {
    if (form.current === null || busy !== null || !mayKeep) {
      return;
    }
    const typed = new FormData(form.current);
    const passphrase = String(typed.get("passphrase") ?? "");
    if (place === "vault" && passphrase === "") {
      setComplaint("passphrase_empty");
      return;
    }
    if (place === "vault" && passphrase !== typed.get("passphraseAgain")) {
      setComplaint("passphrase_differs");
      return;
    }
    setBusy("keep");
    setFault(null);
    try {
      const where: SecretPlace = place === "vault" ? { kind: "vault", passphrase } : { kind: "keychain" };
      const name = trial?.shopName ?? t("window.connect.nameless");
      const deed = t("window.connect.deed", { shop: name });
      const connect = () => commands.connectionKeep(readSource(way, typed), where);
      if (refused === null) {
        await asSomebody(shop, connect, deed);
      } else if (!(await handOver(refused.parameters.shop ?? shop, refused, connect, deed))) {
        setFault(refused);
        return;
      }
      form.current?.reset();
      setGiven([]);
      toast(t("window.connect.done", { shop: name }));
      go("settings", "shop");
    } catch (reason) {
      setFault(asFault(reason));
    } finally {
      setBusy(null);
    }
  };

  const mayKeep = trial?.mayConnect === true && touched.size === 0;
  const wrong = new Set(trial?.checks.flatMap(({ fields }) => fields).filter((field) => !touched.has(field)));
  return (
    <form
      ref={form}
      autoComplete="off"
      onInput={onInput}
      onSubmit={(event) => {
        event.preventDefault();
        void check();
      }}
      className="[&>section:first-child]:border-t-0"
    >
      <Part level={2} title={t("window.connect.title")}>
        <p className="mb-3 text-ink-soft">
          {t("window.connect.intro")} {t("window.connect.drop")}
        </p>
        <Chips
          label={t("window.connect.way.label")}
          value={way}
          onChange={chooseWay}
          choices={ways.map((value) => ({ value, label: t(`window.connect.way.${value}`) }))}
          className="mb-4"
        />
        {way === "file" && (
          <FileField
            name="path"
            what="connection"
            label={t("window.connect.file")}
            error={complaint === "empty" ? t("window.connect.file_empty") : null}
            onPicked={() => touch("path")}
          />
        )}
        {way === "file" && given.length > 0 && <GivenFields names={given} wrong={wrong} onTouched={touch} />}
        {way === "json" && (
          <LooseField
            name="json"
            label={t("window.connect.json")}
            hint={t("window.connect.json_hint")}
            error={complaint === "empty" ? t("window.connect.json_empty") : null}
            rows={8}
          />
        )}
        {way === "form" && <FormFields api={api} onApi={setApi} wrong={wrong} onTouched={touch} />}
        <div className="mt-4 flex flex-wrap items-center gap-3">
          <Button type="submit" tone={mayKeep ? "plain" : "primary"} busy={busy === "check"} disabled={busy === "keep"}>
            {t("window.connect.check")}
          </Button>
          <p className="min-w-0 flex-1 text-xs text-ink-faint">{t("window.connect.check_more")}</p>
        </div>
        <div ref={findings} aria-live="polite" className="mt-4 empty:hidden">
          {trial && <Findings trial={trial} outdated={touched.size > 0} />}
        </div>
      </Part>
      <Part level={2} title={t("window.connect.place.title")}>
        <Radios
          label={t("window.connect.place.title")}
          value={place}
          onChange={setPlace}
          options={(["keychain", "vault"] as const).map((value) => ({
            value,
            label: t(`window.connect.place.${value}`),
            detail: t(`window.connect.place.${value}_more`),
          }))}
        />
        {place === "vault" && (
          <div className="mt-4 grid items-start gap-4 @xl:grid-cols-2">
            <LooseField
              name="passphrase"
              type="password"
              label={t("window.connect.passphrase")}
              hint={t("window.connect.passphrase_hint")}
              error={complaint === "passphrase_empty" ? t("window.connect.passphrase_empty") : null}
            />
            <LooseField
              name="passphraseAgain"
              type="password"
              label={t("window.connect.passphrase_again")}
              error={complaint === "passphrase_differs" ? t("window.connect.passphrase_differs") : null}
            />
          </div>
        )}
        {fault && (
          <Refusal
            shop={fault.parameters.shop ?? shop}
            fault={fault}
            className="mt-4"
            onHandOver={() => void keep(fault)}
          />
        )}
        <div className="mt-4 flex flex-wrap items-center gap-3">
          <Button
            tone={mayKeep ? "primary" : "plain"}
            busy={busy === "keep"}
            disabled={!mayKeep || busy === "check"}
            title={mayKeep ? undefined : t("window.connect.keep_first_check")}
            onClick={() => void keep()}
          >
            {t("window.connect.keep")}
          </Button>
        </div>
      </Part>
    </form>
  );
}
