import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIApplicationCommandOption, RESTPostAPIApplicationCommandsJSONBody } from 'discord.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { chatCommands, messageCommands } from '../../../commands/table.js';
import { offeredModels } from '../../../src/bot/models/models.js';
import { LANGUAGES, languageName, missingTexts, translateFor } from '../../../src/bot/text/i18n.js';
import { localesOf, localizations } from '../../../src/bot/text/localizations.js';
import { noticeText } from '../../../src/bot/text/notice.js';
import { Refusal } from '../../../src/bot/text/refusal.js';
import { loadConfig } from '../../../src/config.js';
import { checkCommands } from '../../../src/discord/rules/command.js';
import { defaultCard } from '../../../src/engine/checkpoint/card.js';
import { CONTROL_KIND_NAMES } from '../../../src/engine/checkpoint/controlnets.js';
import { unknownNotice } from '../../../src/engine/text/known-things.js';

type Texts = Readonly<Record<string, string>>;

/** A catalogue's texts by their whole keys: `refusal.gone`. */
function textsOf(language: string): Texts {
  const flat = (value: object, path: string): [string, string][] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'string' ? [[path + key, inner] as [string, string]] : flat(inner, `${path}${key}.`),
    );
  return Object.fromEntries(flat(JSON.parse(readFileSync(`src/bot/text/locales/${language}.json`, 'utf8')), ''));
}

const catalogues = new Map(LANGUAGES.map((language) => [language, textsOf(language)]));
const english = catalogues.get('en')!;
const others = LANGUAGES.filter((language) => language !== 'en');

const PLURAL = /_(zero|one|two|few|many|other)$/;
const formsOf = (language: string) => new Intl.PluralRules(language).resolvedOptions().pluralCategories;
const bare = (key: string) => key.replace(PLURAL, '');

/** The keys that a language must have: one for each of its plural forms where English has them for its own. */
function keysFor(language: string): string[] {
  const keys = Object.keys(english).flatMap((key) =>
    PLURAL.test(key) ? formsOf(language).map((form) => `${bare(key)}_${form}`) : [key],
  );
  return [...new Set(keys)].sort();
}

/** English's text for a key of any language. */
const original = (key: string) => english[key] ?? english[`${bare(key)}_other`]!;

/** What i18next fills in or looks up. */
const placeholders = (text: string) =>
  [...new Set(text.match(/{{[\w, ]+}}|(?<!{){[^{}]+}(?!})|\$t\([^)]*\)/g) ?? [])].sort();

test('there are English, German, French, Spanish and Japanese', () => {
  expect(LANGUAGES).toEqual(expect.arrayContaining(['de', 'en', 'es', 'fr', 'ja']));
});

describe.each(LANGUAGES)('the catalogue %s', (language) => {
  const texts = catalogues.get(language)!;

  test('has lines in /help that a phone shows in two', () => {
    const about = Object.entries(texts).filter(([key]) => key.startsWith('help.about.'));
    const long = about.flatMap(([, text]) => text.split('\n').filter((line) => [...line].length > 90));
    expect(long).toEqual([]);
  });

  test('is called as Discord calls the locales that have it', () => {
    expect(localesOf(language)).not.toEqual([]);
  });

  test('has exactly the keys of English, in the plural forms of its language', () => {
    expect(missingTexts(language)).toEqual([]);
    expect(Object.keys(texts).sort()).toEqual(keysFor(language));
  });

  test('has no empty text, and none with blanks around it', () => {
    expect(Object.entries(texts).filter(([, text]) => text.trim() === '' || text !== text.trim())).toEqual([]);
  });

  test('fills in what English fills in', () => {
    for (const [key, text] of Object.entries(texts)) {
      // "One picture" may go without its number.
      const wanted = placeholders(original(key)).filter((name) => !PLURAL.test(key) || name !== '{{count}}');
      expect(
        placeholders(text).filter((name) => !PLURAL.test(key) || name !== '{{count}}'),
        key,
      ).toEqual(wanted);
    }
  });

  test('keeps the marks, buttons and emojis of English', () => {
    const marks = (text: string) =>
      text.match(/\*\*|`|\n|\p{Extended_Pictographic}|\b[UV][1-4]\b|SAFETY_CHECKER=off/gu) ?? [];
    for (const [key, text] of Object.entries(texts))
      expect(marks(text).sort(), key).toEqual(marks(original(key)).sort());
  });

  test('mentions the commands that English mentions, by their names in this language', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect(mentioned(text, texts), key).toEqual(mentioned(original(key), english));
    }
  });

  test('keeps within what Discord shows of modals, menus and buttons', () => {
    const limits: [RegExp, number][] = [
      [/^(edit|emoji\.form)\.|^settings\.words(Title|Label)$/, 45],
      [/^command\.\w+Menu\.name$/, 32],
      [/\.cancel$|^emoji\.add\.|^privacy\.(forget|keep)$/, 80],
      [/^(aspect|nsfw|emoji\.kind)\.|^models\.operators$/, 70],
      [/^settings\.pick|^result\.\w+Which$|^models\.choose$/, 150],
      [/^(settings|stats)\.\w+$|^privacy\.kinds\.|\.title$/, 256],
      [/^privacy\.about\./, 1024],
      [/^privacy\.(ask|remains|forgotten)$/, 999],
      [/^refusal\./, 1500],
    ];
    for (const [key, text] of Object.entries(texts)) {
      const [, most] = limits.find(([keys]) => keys.test(key)) ?? [null, 2000];
      const filled = text.replace(/{{(low|high)}}/g, '1000');
      expect(filled.length, key).toBeLessThanOrEqual(most!);
    }
  });
});

/** Keys of the commands that a text mentions with a slash, sorted. @throws for an unknown slash command. */
function mentioned(text: string, texts: Texts): string[] {
  const names = [...text.matchAll(/(?<![\p{L}\p{N}/:.])\/([\p{L}\p{N}_-]+)/gu)].map(([, name]) => name);
  const keyOf = (name: string) =>
    Object.keys(texts).find((key) => /^command\.\w+\.name$/.test(key) && texts[key] === name);
  return names.map((name) => keyOf(name!) ?? `no command /${name}`).sort();
}

/** Words that are the same in English and in another of the languages. */
const SHARED = new Set([
  ...['emoji', 'image', 'limits', 'name', 'nsfw', 'prompt', 'roles', 'sampler', 'seed', 'seeds', 'spoiler', 'sticker'],
  ...[
    'style',
    'styles',
    'wildcard',
    'wildcards',
    'portrait {{ratio}}',
    'seed {{seed}}',
    'total',
    '{{megabytes, number}} mb',
  ],
  ...['control', 'control: {{control}}', 'csv', 'image1', 'image2', 'image3', 'image4'],
]);

test.each(others)('%s says nothing in English by accident', (language) => {
  const texts = Object.entries(catalogues.get(language)!);
  const equal = texts.filter(([key, text]) => text === original(key) && /\p{L}{2}/u.test(text.replace(/{{.*?}}/g, '')));
  expect(equal.filter(([, text]) => !SHARED.has(text.toLowerCase()))).toEqual([]);
});

describe('commands', () => {
  let commands: RESTPostAPIApplicationCommandsJSONBody[];
  beforeAll(async () => {
    const config = loadConfig({ DISCORD_TOKEN: 'MTIz.abc-DEF.xyz_789' });
    const models = await offeredModels(config.modelsDir, config.safetyChecker, () => {});
    const controls = CONTROL_KIND_NAMES.map((kind) => ({ kind, name: kind, path: '', fits: new Set<string>() }));
    commands = [
      ...[...chatCommands.values()].map((command) =>
        command.data({
          config,
          models,
          controls,
          upscalers: [{ name: 'x4', scale: 4, usualFor: new Set(['easel-128']) }],
        }),
      ),
      ...[...messageCommands.values()].map((command) => command.data()),
    ];
  });

  test('are accepted by Discord, in every language', () => {
    checkCommands(commands);
  });

  test.each(others.flatMap(localesOf))('have names and descriptions of their own in %s', (locale) => {
    type Named = { name: string; name_localizations?: Record<string, string> | null };
    type Described = { description?: string; description_localizations?: Record<string, string> | null };
    const check = (each: Named & Described, path: string) => {
      expect(each.name_localizations?.[locale], `${path} has a name`).toBeTruthy();
      if (each.description) expect(each.description_localizations?.[locale], `${path} is described`).toBeTruthy();
    };
    const checkAll = (list: readonly (Named & Described)[], path: string) => {
      for (const each of list) check(each, `${path} ${each.name}`);
      const names = list.map((each) => each.name_localizations?.[locale]);
      expect(new Set(names).size, `names in ${path}`).toBe(names.length);
    };
    const visit = (options: readonly APIApplicationCommandOption[], path: string) => {
      checkAll(options as never, path);
      for (const option of options) if ('options' in option) visit(option.options ?? [], `${path} ${option.name}`);
    };
    for (const type of [1, 3]) {
      const ofType = commands.filter((command) => (command.type ?? 1) === type);
      checkAll(ofType as never, `type ${type}`);
      for (const command of ofType) visit(('options' in command ? command.options : undefined) ?? [], command.name);
    }
  });
});

/** All TypeScript in a folder and below. */
function sourceOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
}

describe('keys and code', () => {
  const code = sourceOf('src/bot') + sourceOf('commands');
  const engine = sourceOf('src/engine');
  const all = new Set(Object.keys(english).map(bare));
  const literals = (pattern: RegExp, text = code) => [
    ...new Set([...text.matchAll(pattern)].map((match) => match[1]!)),
  ];
  const sections = [...new Set([...all].map((key) => key.split('.')[0]!))];
  const quoted = new Set(literals(/'([\w.]+)'/g));
  // `nsfw.${policy}` stands for all keys of `nsfw` whose last part is a word of the code.
  const named = literals(/\bchoices\('([\w.]+)'/g);
  const templates = [
    ...literals(/`([a-z]\w*(?:\.(?:\w|\$\{[\w.]+\})+)+)`/g).filter((key) => key.includes('${')),
    ...named.map((key) => `${key}.\${value}`),
  ];
  const patterns = templates.map(
    (key) => new RegExp(`^${key.replaceAll(/\$\{[\w.]+\}|\./g, (part) => (part === '.' ? '\\.' : '(\\w+)'))}$`),
  );
  const codes = literals(/\bcode: '([a-z]\w*)',\s*values/g, `${engine}\n${code}`);

  test('every key in use exists', () => {
    const asked = [
      ...literals(new RegExp(`'((?:${sections.join('|')})\\.[\\w.]+)'`, 'g')),
      ...literals(/new Refusal\(\s*'(\w+)'/g).map((key) => `refusal.${key}`),
      ...literals(/described\(\w+, '(\w+', '\w+)'/g).map((pair) => `command.${pair.replace("', '", '.')}`),
      ...literals(/described\(\w+, '\w+', '(\w+)'/g).map((name) => `option.${name}`),
    ];
    expect(asked.length).toBeGreaterThan(100);
    expect(asked.filter((key) => !all.has(key) && !named.includes(key))).toEqual([]);
  });

  test('every message of the engine has a text', () => {
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !all.has(`told.${code}`))).toEqual([]);
  });

  test('unknown words are named in the same English by the engine and by the bot', () => {
    const [text, meaning] = unknownNotice(defaultCard('m'), ['snow', 'ice']);
    expect(translateFor('en-US')(`told.${meaning.code}`, meaning.values)).toBe(text);
  });

  test('no key is unused', () => {
    // What a key is joined with may be a list of the engine's.
    const words = new Set(`${engine}\n${code}`.match(/\w+/g));
    const joined = (key: string) =>
      patterns.some((pattern) => {
        const parts = pattern.exec(key)?.slice(1);
        return parts?.every((part) => words.has(part)) ?? false;
      });
    const told = new Set([...codes, ...quoted]);
    const used = (key: string) =>
      key.startsWith('told.') ? told.has(key.slice('told.'.length)) : quoted.has(key) || joined(key);
    expect([...all].filter((key) => !used(key))).toEqual([]);
  });
});

describe('translating', () => {
  test('takes the language of a locale, and English where there is none', () => {
    const texts = ['de', 'fr', 'es-ES', 'es-419', 'ja', 'en-GB', 'pt-BR', ''].map((locale) =>
      translateFor(locale)('progress.cancel'),
    );
    expect(texts).toEqual(['Abbrechen', 'Annuler', 'Cancelar', 'Cancelar', 'キャンセル', 'Cancel', 'Cancel', 'Cancel']);
  });

  test('uses the plural forms of the language', () => {
    const counted = (locale: string) => [0, 1, 2, 1e6].map((count) => translateFor(locale)('fact.pictures', { count }));
    expect(counted('en')).toEqual(['0 pictures', '1 picture', '2 pictures', '1000000 pictures']);
    expect(counted('fr')).toEqual(['0 image', '1 image', '2 images', '1000000 d’images']);
    expect(counted('ja')).toEqual(['0 枚', '1 枚', '2 枚', '1000000 枚']);
  });

  test('writes numbers as the language does', () => {
    const size = { size: 12.5, limit: 10 };
    expect(new Refusal('fileSize', size).text(translateFor('de'))).toContain('12,5 MB');
    expect(new Refusal('fileSize', size).text(translateFor('en-US'))).toContain('12.5 MB');
  });

  test('looks nothing up in what a user wrote', () => {
    const word = '$t(help.title) {{word}} $&';
    expect(new Refusal('words', { word }).text(translateFor('de'))).toContain(`„${word}“`);
  });

  test('what the engine tells is in the reader’s language, in English where the catalogues do not know it', () => {
    const values = { model: 'easel-128', words: 'zyzzyva', examples: 'a red apple' };
    const t = translateFor('de');
    expect(noticeText({ text: 'none', meaning: { code: 'wordsUnknown', values } }, t)).toMatch(
      /kennt easel-128 nicht.*zyzzyva/,
    );
    expect(noticeText({ text: 'Something new.', meaning: { code: 'somethingNew', values: {} } }, t)).toBe(
      'Something new.',
    );
    expect(noticeText({ text: 'From an older version.' }, t)).toBe('From an older version.');
  });

  test('languages are called by their own names', () => {
    expect(['de', 'es', 'fr', 'ja', 'pt-BR'].map(languageName)).toEqual([
      'Deutsch',
      'Español',
      'Français',
      '日本語',
      'Português (Brasil)',
    ]);
  });

  test('a text that only English has so far is offered in no other language', () => {
    expect(localizations('no.such.key')).toEqual({});
    expect(localizations('command.help.name')).toMatchObject({
      de: 'hilfe',
      'es-ES': 'ayuda',
      'es-419': 'ayuda',
      fr: 'aide',
      ja: 'ヘルプ',
    });
  });
});
