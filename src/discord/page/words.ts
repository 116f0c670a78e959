/// <reference types="vite/types/importMeta.d.ts" />
import en from './locales/en.json' with { type: 'json' };

type Whole = keyof typeof en;
/** A text's key. Texts that count have a key per plural form and are requested without it. */
export type Key =
  | Exclude<Whole, `${string}_${'one' | 'other'}`>
  | (Whole extends infer K ? (K extends `${infer Bare}_other` ? Bare : never) : never);
type Values = Readonly<Record<string, string | number>>;

type Catalogue = Readonly<Record<string, string>>;

/** One for each file in the folder, by its name: a language, or one of Discord's locales. */
const CATALOGUES: Readonly<Record<string, Catalogue>> = Object.fromEntries(
  Object.entries(import.meta.glob<Catalogue>('./locales/*.json', { eager: true, import: 'default' })).map(
    ([path, texts]) => [path.slice('./locales/'.length, -'.json'.length), texts],
  ),
);

let locale = 'en-US';
let texts: Catalogue = en;

/** Sets the page's language. @param wanted one of Discord's locales; English if there is no catalogue. */
export function speak(wanted: string): void {
  const catalogue = catalogueOf(wanted);
  locale = catalogue ? wanted : 'en-US';
  texts = catalogue ?? en;
}

/** Undefined for a language that the page does not speak. */
export function catalogueOf(locale: string): Catalogue | undefined {
  return CATALOGUES[locale] ?? CATALOGUES[locale.split('-')[0]!];
}

/** The page's language, for Intl and `<html lang>`. */
export function spoken(): string {
  return locale;
}

/** A number as the page's language writes it, without separators of thousands, so that it can be typed back. */
export function written(number: number): string {
  return new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 20 }).format(number);
}

/** What stands between whole number and fraction in the page's language. */
export function decimalSign(): string {
  return written(0.5).charAt(1);
}

/** A text in the page's language. @param values replace `{{name}}`; `count` chooses the plural form. */
export function t(key: Key, values: Values = {}): string {
  return textOf(key, values.count).replace(PLACE, (_, name: string) => String(values[name]));
}

/** The same in pieces, for values that are more than text. */
export function pieces<T>(key: Key, values: Readonly<Record<string, T>>): (string | T)[] {
  return textOf(key)
    .split(PLACE)
    .map((part, at) => (at % 2 === 0 ? part : values[part]!));
}

const PLACE = /{{(\w+)}}/g;

function textOf(key: string, count?: string | number): string {
  const whole = typeof count === 'number' ? `${key}_${new Intl.PluralRules(locale).select(count)}` : key;
  return texts[whole] ?? texts[key] ?? english(key, count);
}

/** What a catalogue does not have yet. */
function english(key: string, count?: string | number): string {
  const whole = typeof count === 'number' ? `${key}_${count === 1 ? 'one' : 'other'}` : key;
  return (en as Catalogue)[whole] ?? (en as Catalogue)[key]!;
}
