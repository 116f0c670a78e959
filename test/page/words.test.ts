import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../src/discord/page/localised.js';
import { formatBytes } from '../../src/discord/page/shown-picture.js';
import { sentAt } from '../../src/discord/page/when.js';
import { pieces, speak, spoken, t } from '../../src/discord/page/words.js';

const PAGE = 'src/discord/page';
const textsOf = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(join(PAGE, 'locales', `${language}.json`), 'utf8'));

const english = textsOf('en');
const PLURAL = /_(one|few|many|other)$/;
const bare = (key: string) => key.replace(PLURAL, '');
const original = (key: string) => english[key] ?? english[`${bare(key)}_other`]!;
const places = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();

/** The catalogue's name. */
const textsOfLocale = (locale: string) => [locale, locale.split('-')[0]!].find((name) => LOCALES.includes(name));

afterEach(() => speak('en-US'));

test('the page speaks the languages that the bot speaks', () => {
  expect(readdirSync(join(PAGE, 'locales')).sort()).toEqual(readdirSync('src/bot/text/locales').sort());
});

/** Words that are the same in English and in the other language. */
const SHARED =
  /^(Administrator|APP|Apps|Emoji|Online|Offline|Server|Options|Spoiler|SPOILER|Sticker|Stickers|Sticker: |Error)$/i;

const LOCALES = readdirSync(join(PAGE, 'locales')).map((file) => file.replace('.json', ''));

describe.each(LOCALES)('the page’s catalogue %s', (language) => {
  const texts = textsOf(language);

  test('has exactly the keys of English, in the plural forms of its language', () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const wanted = Object.keys(english).flatMap((key) =>
      PLURAL.test(key) ? forms.map((form) => `${bare(key)}_${form}`) : [key],
    );
    expect(Object.keys(texts).sort()).toEqual([...new Set(wanted)].sort());
  });

  test('fills in what English fills in, and nothing is empty', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect(places(text), key).toEqual(places(original(key)));
      expect(text, key).toBe(text.trim());
      expect(text, key).not.toBe('');
    }
  });

  if (language !== 'en') {
    test('says nothing in English by accident', () => {
      const words = (text: string) => text.replace(/\{\{\w+\}\}|[^\p{L} ]/gu, '').trim();
      const equal = Object.entries(texts).filter(
        ([key, text]) => text === original(key) && /\p{L}{3}/u.test(words(text)),
      );
      expect(equal.filter(([, text]) => !SHARED.test(words(text)) && !text.includes('bytes'))).toEqual([]);
    });
  }
});

describe('catalogue and code', () => {
  const files = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const code = files.map((file) => readFileSync(join(PAGE, file), 'utf8'));

  test('no key is left over', () => {
    const all = code.join('\n');
    const quoted = new Set(all.match(/[\w]+\.[\w]+/g));
    // `wrong.${kind}Low` stands for each key that it can become.
    const made = [...all.matchAll(/`(\w+\.\w*)\$\{\w+\}(\w*)`/g)].map(
      ([, head, tail]) => new RegExp(`^${head!.replace('.', '\\.')}\\w*${tail}$`),
    );
    const used = (key: string) => quoted.has(key) || made.some((pattern) => pattern.test(key));
    expect(
      Object.keys(english)
        .map(bare)
        .filter((key) => !used(key)),
    ).toEqual([]);
  });

  test('no element has words of its own', () => {
    const own = code.flatMap(
      (text) => text.match(/(?:aria-label|title|placeholder|alt)="[^"$]*[A-Za-z]{3}[^"]*"/g) ?? [],
    );
    const between = code.flatMap((text) => text.match(/(?<=[^=]>)\s*[A-Z][a-z]+(?: \w+)*[.…:]?(?=<\/)/g) ?? []);
    expect([...own, ...between]).toEqual([]);
  });
});

describe('the page', () => {
  test('speaks a locale’s language, and English where it has none', () => {
    const said = ['de', 'fr', 'es-ES', 'es-419', 'ja', 'en-GB', 'pt-BR'].map((locale) => {
      speak(locale);
      return `${spoken()} ${t('message.reply')}`;
    });
    expect(said).toEqual([
      'de Antworten',
      'fr Répondre',
      'es-ES Responder',
      'es-419 Responder',
      'ja 返信',
      'en-GB Reply',
      'en-US Reply',
    ]);
  });

  test('offers every language that it speaks, in its own name, as Discord’s client calls its locales', () => {
    const offered = new Map(LANGUAGES);
    expect(new Set([...offered.keys()].map((locale) => textsOfLocale(locale)))).toEqual(new Set(LOCALES));
    expect([...offered]).toEqual(
      expect.arrayContaining([
        ['de', 'Deutsch'],
        ['en-GB', 'English (United Kingdom)'],
        ['es-ES', 'Español (España)'],
        ['ja', '日本語'],
      ]),
    );
  });

  test('counts as the language does', () => {
    const counted = (locale: string) => {
      speak(locale);
      return [0, 1, 2].map((count) => t('list.new', { count }).split(/[:：]/)[0]!.trim());
    };
    expect(counted('en-US')).toEqual(['0 new messages', '1 new message', '2 new messages']);
    expect(counted('fr')).toEqual(['0 nouveau message', '1 nouveau message', '2 nouveaux messages']);
    expect(counted('ja')).toEqual(['新着メッセージ0件', '新着メッセージ1件', '新着メッセージ2件']);
  });

  test('writes dates and sizes as the language does', () => {
    const now = new Date(2026, 10, 25, 15, 0);
    speak('de');
    expect(sentAt(new Date(2026, 10, 25, 14, 5), now, 'de')).toBe('Heute um 14:05 Uhr');
    expect(sentAt(new Date(2026, 10, 20, 14, 5), now, 'de')).toBe('20.11.2026 14:05');
    expect(formatBytes(1_572_864)).toBe('1,5 MB');
    speak('ja');
    expect(sentAt(new Date(2026, 10, 24, 14, 5), now, 'ja')).toBe('昨日 14:05');
  });

  test('puts pieces where the language wants them', () => {
    speak('ja');
    expect(pieces('message.used', { user: 1, command: 2 })).toEqual(['', 1, 'が', 2, 'を使用しました']);
  });
});
