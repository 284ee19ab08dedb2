import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { Button, Dialog, Empty, FaultNotice, PinPad, type PinPadHandle, Radios, Switch, toast } from "../../components";
import type { Colleague, Fault, ShopKey, StaffHere } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { formatShort } from "../../lib/time";
import { asFault } from "../faults";
import { hereOf, roleWord } from "../people";
import { useConsole } from "../shop";
import { lastIn, type Purpose, type Question, remember, useQuestion } from "../signing";

/** Asks for a PIN whenever one is wanted. Stands once in the window. */
export function PinDialog() {
  const question = useQuestion();
  return question && <Asked key={`${question.shop}/${question.purpose}`} question={question} />;
}

const titles: Record<Purpose, string> = {
  switch: "window.sign_in.title",
  needed: "window.sign_in.needed",
  hand_over: "window.sign_in.hand_over",
  second: "window.sign_in.second",
};

const submits: Record<Purpose, string> = {
  switch: "window.sign_in.enter",
  needed: "window.sign_in.do",
  hand_over: "window.sign_in.do",
  second: "window.sign_in.agree",
};

function Asked({ question }: { question: Question }) {
  const { purpose, shop, cancel } = question;
  const { data: here, error } = useQuery({ ...hereOf(shop), refetchOnMount: "always" });
  const people = here && offered(question, here);
  if (here !== undefined && people !== undefined && people.length > 0) {
    return <PinForm question={question} here={here} people={people} />;
  }
  // Nothing for the moment until it is known who could sign in: the strip above has read that before.
  return (
    (people !== undefined || error) && (
      <Dialog open onClose={cancel} title={t(titles[purpose])} width="narrow">
        {people !== undefined && <Empty title={t("window.sign_in.no_other")} />}
        {error && <FaultNotice fault={error} />}
      </Dialog>
    )
  );
}

/** Who is offered: for what somebody else has to do, not whoever is signed in. */
function offered({ purpose }: Question, { colleagues, signedIn }: StaffHere): Colleague[] {
  const others = purpose === "hand_over" || purpose === "second";
  return colleagues.filter(({ id }) => !others || id !== signedIn?.id);
}

type PinFormProps = { question: Question; here: StaffHere; people: readonly Colleague[] };

function PinForm({ question, here, people }: PinFormProps) {
  const { purpose, shop, why, deed, attempt, cancel } = question;
  const shopName = useShopName(shop);
  const [who, setWho] = useState(() => begin(shop, people));
  const [filled, setFilled] = useState(false);
  const [stay, setStay] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const pad = useRef<PinPadHandle>(null);
  const form = useId();
  const chosen = people.find(({ id }) => id === who);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const pin = pad.current?.take() ?? "";
    if (running.current || chosen === undefined || pin === "") {
      return;
    }
    running.current = true;
    setBusy(true);
    setFault(null);
    pad.current?.clear();
    try {
      await attempt({ id: chosen.id, pin }, stay);
      if (purpose === "switch" || purpose === "needed") {
        remember(shop, chosen.id);
      }
      if (purpose === "switch") {
        toast(t("window.sign_in.done", { name: chosen.name }));
      }
    } catch (reason) {
      setFault(asFault(reason));
    } finally {
      running.current = false;
      setBusy(false);
      pad.current?.focus();
    }
  };
  /** Digits that are typed on a name belong to the field. */
  const typeAnywhere = (event: KeyboardEvent) => {
    if (/^\d$/.test(event.key) && !(event.target instanceof HTMLInputElement && event.target.type === "password")) {
      event.preventDefault();
      pad.current?.type(event.key);
    }
  };
  return (
    <Dialog
      open
      onClose={cancel}
      title={t(titles[purpose])}
      // In the words of the refusal, so that a limit is named with its amount.
      description={why && t(`error.${why.code}.message`, why.parameters)}
      footer={
        <Button
          type="submit"
          form={form}
          tone="primary"
          className="min-w-44"
          busy={busy}
          disabled={!filled || chosen === undefined}
        >
          {t(submits[purpose])}
        </Button>
      }
    >
      <form
        id={form}
        onSubmit={(event) => void submit(event)}
        onKeyDown={typeAnywhere}
        className="@container flex flex-col gap-3"
      >
        {(deed !== null || shopName !== null) && (
          <div className="selectable rounded-md bg-accent-soft px-3 py-2 break-words text-accent-text">
            {deed !== null && <p className="font-medium">{deed}</p>}
            {shopName !== null && <p className="text-sm">{t("window.sign_in.in_shop", { shop: shopName })}</p>}
          </div>
        )}
        <div className="grid items-start gap-x-5 gap-y-3 @md:grid-cols-2">
          <div className="flex flex-col gap-3">
            <Radios
              shape="list"
              label={t("window.sign_in.who")}
              value={who}
              onChange={(id) => {
                setWho(id);
                setFault(null);
                pad.current?.clear();
              }}
              options={people.map((person) => ({
                value: person.id,
                label: person.name,
                detail: <State person={person} />,
              }))}
            />
            {purpose === "hand_over" && (
              <Switch
                label={t("window.sign_in.stay")}
                hint={t("window.sign_in.stay_more")}
                checked={stay}
                onChange={setStay}
              />
            )}
            <More question={question} here={here} />
          </div>
          <PinPad
            ref={pad}
            label={chosen ? t("window.sign_in.pin_of", { name: chosen.name }) : t("window.sign_in.pin")}
            keysLabel={t("window.sign_in.pad")}
            eraseLabel={t("window.sign_in.erase")}
            error={fault && `${t(`error.${fault.code}.message`, fault.parameters)} ${t(`error.${fault.code}.hint`)}`}
            disabled={chosen === undefined}
            onFilled={setFilled}
          />
        </div>
      </form>
    </Dialog>
  );
}

/** What the shop is called, where there are others for which somebody could take it. */
function useShopName(key: ShopKey): string | null {
  const { shops } = useConsole();
  const card = shops.length > 1 ? shops.find((shop) => shop.key === key) : undefined;
  return card === undefined ? null : card.name || t("window.frame.demo_shop");
}

/** Who is offered first: whoever was there last, or the only one there is. */
function begin(shop: string, people: readonly Colleague[]): string {
  const before = people.find(({ id }) => id === lastIn(shop));
  return (before ?? (people.length === 1 ? people[0] : undefined))?.id ?? "";
}

function State({ person: { role, lockedUntilMs } }: { person: Colleague }) {
  return lockedUntilMs === null ? roleWord(role) : t("window.sign_in.locked", { time: formatShort(lockedUntilMs) });
}

/** What else there is to say: whose hand it is now, and the way out. */
function More({ question: { purpose, shop, cancel }, here: { signedIn, pinKeptS } }: Omit<PinFormProps, "people">) {
  if (signedIn === null || purpose === "hand_over") {
    return null;
  }
  if (purpose === "second") {
    return <p className="text-xs text-ink-faint">{t("window.sign_in.second_more", { name: signedIn.name })}</p>;
  }
  const out = async () => {
    await api.staffSignOut(shop).catch(() => undefined);
    toast(t("window.sign_in.out_done", { name: signedIn.name }));
    cancel();
  };
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-md bg-sunken px-3 py-2">
      <p className="min-w-0 flex-1 text-xs text-ink-soft">
        <span className="block">
          {t("window.sign_in.here", { name: signedIn.name, role: roleWord(signedIn.role) })}
        </span>
        <span className="block">
          {pinKeptS === 0
            ? t("window.sign_in.every_time")
            : t("window.sign_in.until", { time: formatShort(signedIn.untilMs) })}
        </span>
      </p>
      <Button size="small" icon={<LogOut size={14} aria-hidden="true" />} onClick={() => void out()}>
        {t("window.sign_in.out")}
      </Button>
    </div>
  );
}
