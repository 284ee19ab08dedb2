import type { Colleague, Role, ShopKey, SignedIn } from "../ipc/bindings";
import { api } from "../ipc/client";
import { t, wordOf } from "../lib/texts";
import { reading } from "./reading";

/** Who is signed in, and who could be. */
export const hereOf = (shop: ShopKey) => reading("staff", shop, ["here"], () => api.staffHere(shop));

/** Everybody, those who left too, with what they have sent back today. */
export const rollOf = (shop: ShopKey) => reading("staff", shop, ["roll"], () => api.staffRoll(shop));

/** What somebody is, in a word. */
export const roleWord = (role: Role): string => wordOf("state.role", role);

/** Name and role: `小李（店长）`. */
export const personWord = ({ name, role }: Pick<Colleague | SignedIn, "name" | "role">): string =>
  t("window.sign_in.person", { name, role: roleWord(role) });
