/**
 * The interface's words. One JSON file per language and area; a key is
 * `area.name`. A plural is a family of keys ending in `_one`, `_other`… (the
 * categories of Intl.PluralRules, as Weblate reads them) chosen by `count`.
 */
import { recall, remember } from '../device/storage';
import type { areas } from './fr';

export type Lang = 'fr' | 'en';
export const LANGS: readonly Lang[] = ['fr', 'en'];

/** A file of words: there from the start, or fetched by `need`. */
type Messages = { [A in keyof typeof areas]: Awaited<ReturnType<(typeof areas)[A]>>['default'] };
export type Area = keyof Messages;
type Singular<K> = K extends `${infer Stem}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}`
  ? Stem
  : K;
/** Every key, plural families under their stem. */
export type MessageKey = {
  [A in Area]: `${A}.${Singular<keyof Messages[A] & string>}`;
}[Area];

export type Values = Readonly<Record<string, string | number>>;
type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

type Loader = () => Promise<{ default: Readonly<Record<string, string>> }>;

const loaders: Record<Lang, () => Promise<{ areas: Record<Area, Loader> }>> = {
  fr: () => import('./fr'),
  en: () => import('./en'),
};
/** What every page needs. */
const FIRST: readonly Area[] = ['app', 'wall'];

/** The language shown and its words; one for the page, as the `lang` attribute is. */
class Language {
  #lang = $state.raw<Lang>('fr');
  #table = $state.raw<Table>({});
  /** Shown once its words are here. */
  #wanted: Lang = 'fr';
  readonly #needed = new Set<Area>(FIRST);

  get lang(): Lang {
    return this.#lang;
  }

  /** Loads and shows a language; the former one stays until the words are here. */
  async show(lang: Lang): Promise<void> {
    this.#wanted = lang;
    await this.#fetch();
  }

  /** Adds the words of an area that only some parts use. Rejects when they can't be fetched. */
  async need(area: Area): Promise<void> {
    this.#needed.add(area);
    if (!this.#table[area]) await this.#fetch();
  }

  /** As `show`, and remembered on this device. */
  async choose(lang: Lang): Promise<void> {
    remember('lang', lang);
    await this.show(lang);
  }

  /** Several may be under way at once, in any order: none takes away what another has brought. */
  async #fetch(): Promise<void> {
    const lang = this.#wanted;
    const words = await wordsOf(lang, this.#needed).catch((error: unknown) => {
      if (this.#wanted === lang) this.#wanted = this.#lang;
      throw error;
    });
    if (lang !== this.#wanted) return this.#fetch();
    this.#table = lang === this.#lang ? { ...this.#table, ...words } : words;
    this.#lang = lang;
    document.documentElement.lang = lang;
  }

  text(key: MessageKey, values: Values): string {
    const [area = '', name = ''] = key.split('.', 2);
    const words = this.#table[area] ?? {};
    const pattern = words[name] ?? plural(words, name, values['count'], this.#lang);
    return pattern === undefined ? key : fill(pattern, values, this.#lang);
  }
}

export const language = new Language();

async function wordsOf(lang: Lang, needed: ReadonlySet<Area>): Promise<Table> {
  const { areas } = await loaders[lang]();
  const words = [...needed].map(async (area) => [area, (await areas[area]()).default] as const);
  return Object.fromEntries(await Promise.all(words));
}

/** The words for a key in the language shown; reactive. Numbers are written as the language does. */
export function t(key: MessageKey, values: Values = {}): string {
  return language.text(key, values);
}

/** The person's choice, else the browser's first language that Fresque speaks, else English. */
export function preferredLang(asked: readonly string[] = navigator.languages): Lang {
  const chosen = recall('lang');
  const wanted = chosen === undefined ? asked : [chosen, ...asked];
  for (const tag of wanted) {
    const found = LANGS.find((lang) => tag.toLowerCase().split('-')[0] === lang);
    if (found) return found;
  }
  return 'en';
}

const pluralRules: Record<Lang, Intl.PluralRules> = {
  fr: new Intl.PluralRules('fr'),
  en: new Intl.PluralRules('en'),
};

function plural(
  words: Readonly<Record<string, string>>,
  stem: string,
  count: string | number | undefined,
  lang: Lang,
): string | undefined {
  if (typeof count !== 'number') return undefined;
  const category = pluralRules[lang].select(count);
  return words[`${stem}_${category}`] ?? words[`${stem}_other`];
}

const numbers: Record<Lang, Intl.NumberFormat> = {
  fr: new Intl.NumberFormat('fr'),
  en: new Intl.NumberFormat('en'),
};

function fill(pattern: string, values: Values, lang: Lang): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers[lang].format(value) : value;
  });
}
