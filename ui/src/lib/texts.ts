import type { Preferences } from "../ipc/bindings";
import en from "../locales/en.json";
import zhCN from "../locales/zh-CN.json";
import zhTW from "../locales/zh-TW.json";

export type Language = Preferences["language"];
export type TextParameters = Record<string, string | number>;

/** A catalogue is texts in a tree; a key is the way to one, with dots. */
type Catalogue = { readonly [part: string]: string | Catalogue };

const catalogues: Record<Language, Catalogue> = { "zh-CN": zhCN, "zh-TW": zhTW, en };

let current: Language = "zh-CN";

/**
 * Chooses the language of all texts from now on. Called while the frame is drawn, which keys everything below by the
 * language: texts are looked up while drawing, so whoever drew in the old language is drawn anew.
 */
export function setLanguage(language: Language): void {
  current = language;
}

/** The language of the texts. */
export function language(): Language {
  return current;
}

/**
 * The text of a key in the language that is chosen, its `{placeholders}` filled. What fills them stands there as it is:
 * a brace in a customer's name is no placeholder. A key that no catalogue has shows itself, which a test looks for.
 */
export function t(key: string, parameters: TextParameters = {}): string {
  return fill(find(catalogues[current], key) ?? key, parameters);
}

/** The text of a word that came from outside, e.g. a state. One that the catalogues do not know is shown as it came. */
export function wordOf(group: string, word: string): string {
  return find(catalogues[current], `${group}.${word}`) ?? word;
}

/** Every word that the catalogues know of a group, as they stand there. */
export function wordsIn(group: string): string[] {
  let at: string | Catalogue | undefined = catalogues[current];
  for (const part of group.split(".")) {
    at = typeof at === "object" ? at[part] : undefined;
  }
  return typeof at === "object" ? Object.keys(at) : [];
}

function find(catalogue: Catalogue, key: string): string | undefined {
  let at: string | Catalogue | undefined = catalogue;
  for (const part of key.split(".")) {
    at = typeof at === "object" && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return typeof at === "string" ? at : undefined;
}

function fill(text: string, parameters: TextParameters): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(parameters, name) ? String(parameters[name]) : placeholder,
  );
}

/** Several words in a row, as the language lists them. */
export function listOf(words: readonly string[]): string {
  return words.join(current === "en" ? ", " : "、");
}
