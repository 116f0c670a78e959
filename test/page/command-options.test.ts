import type { APIApplicationCommand } from 'discord-api-types/v10';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  entriesOf,
  find,
  labelOf,
  type OptionSpec,
  problemOf,
  toOptions,
} from '../../src/discord/page/command-options.js';
import { nextOption, parseTyped } from '../../src/discord/page/typed-options.js';
import { speak } from '../../src/discord/page/words.js';

const command = (name: string, options: object[]): APIApplicationCommand =>
  ({ id: '1', application_id: '2', version: '3', type: 1, name, description: `About ${name}`, options }) as never;

const imagine = command('imagine', [
  { type: 3, name: 'prompt', description: 'What', required: true, max_length: 10 },
  { type: 4, name: 'count', description: 'How many', min_value: 1, max_value: 4 },
  { type: 10, name: 'scale', description: 'How close', min_value: 1.5 },
  { type: 3, name: 'aspect', description: 'Shape', choices: [{ name: 'Wide', value: '3:2' }] },
  { type: 5, name: 'hidden', description: 'Only you' },
  { type: 11, name: 'image', description: 'From', file_types: ['.png'] },
]);
const settings = command('settings', [
  { type: 1, name: 'show', description: 'Show', options: [] },
  {
    type: 2,
    name: 'nsfw',
    description: 'Policy',
    options: [{ type: 1, name: 'set', description: 'Set it', options: [{ type: 5, name: 'on', description: 'On' }] }],
  },
]);
const [entry] = entriesOf(imagine, '2', '4');
const spec = (name: string): OptionSpec => entry!.options.find((option) => option.name === name)!;

describe('a command being typed', () => {
  test('subcommands are entries of their own', () => {
    expect(entriesOf(settings, '2', '4').map(({ name }) => name)).toEqual(['settings show', 'settings nsfw set']);
  });

  test('what begins with the text comes before what contains it, and that before descriptions', () => {
    const entries = ['upscale', 'help', 'scale'].map((name) => entriesOf(command(name, []), '2', '4')[0]!);
    entries[1]!.description = 'What scale means';
    expect(find(entries, '')).toEqual(entries);
    expect(find(entries, 'scale').map(({ name }) => name)).toEqual(['scale', 'upscale', 'help']);
  });

  test('a pasted line fills its options; text in front goes to the first', () => {
    expect(Object.fromEntries(parseTyped(entry!, 'a red fox count: 2 aspect:3:2'))).toEqual({
      prompt: 'a red fox',
      count: '2',
      aspect: '3:2',
    });
    expect(Object.fromEntries(parseTyped(entry!, 'prompt: time: now count: 4'))).toEqual({
      prompt: 'time: now',
      count: '4',
    });
  });

  test('a name and a colon begin the next option; other colons do not', () => {
    expect(nextOption(entry!, 'a red fox count:')).toEqual({ name: 'count', before: 'a red fox' });
    expect(nextOption(entry!, 'count:')).toEqual({ name: 'count', before: '' });
    expect(nextOption(entry!, 'a clock, time:')).toBeNull();
    expect(nextOption(entry!, 'discount:')).toBeNull();
  });

  test('names are the same in capitals, and with the wide letters, colons and figures of a Japanese keyboard', () => {
    expect(nextOption(entry!, 'a red fox Count:')).toEqual({ name: 'count', before: 'a red fox' });
    expect(nextOption(entry!, '赤い狐　ｃｏｕｎｔ：')).toEqual({ name: 'count', before: '赤い狐' });
    expect(Object.fromEntries(parseTyped(entry!, '赤い狐　count：２ ＡＳＰＥＣＴ：3:2'))).toEqual({
      prompt: '赤い狐',
      count: '２',
      aspect: '3:2',
    });
    for (const [name, typed, value] of [
      ['count', '２', 2],
      ['scale', '１．５', 1.5],
      ['aspect', 'ｗｉｄｅ', '3:2'],
    ] as const) {
      expect(problemOf(spec(name), typed)).toBeNull();
      expect(toOptions(entry!, new Map([[name, typed]]), [])[0]!.value).toBe(value);
    }
    expect(problemOf(spec('count'), '−２')).toBe('Input an integer of at least 1.');
    expect(problemOf(spec('prompt'), '１２')).toBeNull();
    expect(problemOf(spec('prompt'), '🍎'.repeat(10))).toBeNull();
    expect(toOptions(entry!, new Map([['prompt', '１２：']]), [])[0]!.value).toBe('１２：');
  });

  test('a group of file types stands for extensions, in whichever case, beside those that are named', () => {
    const picture = { ...spec('image'), file_types: ['image', '.tiff'] };
    const problem = (name: string) => problemOf(picture, new File(['x'], name));
    for (const name of ['a.png', 'a.JPEG', 'a.webp', 'a.tiff']) expect(problem(name), name).toBeNull();
    for (const name of ['a.txt', 'png', 'a.mp4']) {
      expect(problem(name), name).toContain('.png, .jpg, .jpeg, .gif, .webp, .avif, .tiff');
    }
    expect(problemOf({ ...picture, file_types: [] }, new File(['x'], 'a.txt'))).toBeNull();
  });

  test('a decimal comma is read where the language writes one, and its numbers are shown so', () => {
    onTestFinished(() => speak('en-US'));
    const read = (name: string, typed: string) =>
      problemOf(spec(name), typed) ?? toOptions(entry!, new Map([[name, typed]]), [])[0]!.value;
    for (const locale of ['de', 'fr', 'es-ES']) {
      speak(locale);
      expect(read('scale', ' 7,5 ')).toBe(7.5);
      expect(read('scale', '7.5')).toBe(7.5);
      expect(read('scale', '1.000,5')).toBeTypeOf('string');
      expect(read('count', '2,5')).toBeTypeOf('string');
    }
    speak('de');
    expect(read('scale', '0,25')).toBe('Gib eine Zahl ab 1,5 ein.');
    // There it separates thousands.
    for (const locale of ['en-US', 'en-GB', 'ja']) {
      speak(locale);
      expect(read('scale', '7,5')).toBeTypeOf('string');
    }
  });

  test.each([
    ['prompt', '', 'This option is required. Specify a value'],
    ['prompt', 'much too long', 'Must be at most 10 characters; this is 13'],
    ['prompt', '🍎'.repeat(11), 'Must be at most 10 characters; this is 11'],
    ['count', '2.5', 'Input a valid integer.'],
    ['count', '9', 'Input an integer of at most 4.'],
    ['count', '0', 'Input an integer of at least 1.'],
    ['scale', 'x', 'Input a valid number.'],
    ['aspect', 'Tall', 'Choose one of the options'],
    ['hidden', 'maybe', 'Choose True or False'],
    ['image', 'text', 'Attach a file'],
  ])('%s %j is refused: %s', (name, typed, problem) => {
    expect(problemOf(spec(name), typed)).toBe(problem);
  });

  test('files are checked for their extension and size', () => {
    expect(problemOf(spec('image'), new File(['x'], 'a.PNG'))).toBeNull();
    expect(problemOf(spec('image'), new File(['x'], 'a.exe'))).toBe('Attach one of: .png');
    expect(problemOf(spec('image'), new File([new Uint8Array(11 * 1024 * 1024)], 'a.png'))).toMatch(/too powerful/);
  });

  test('values are sent with the types of their options, files by their place', () => {
    const files: File[] = [];
    const image = new File(['x'], 'a.png');
    const typed = new Map<string, string | File>(
      Object.entries({ prompt: 'a fox', count: '2', aspect: 'Wide', hidden: 'True', image, scale: '' }),
    );
    expect(toOptions(entry!, typed, files)).toEqual([
      { type: 3, name: 'prompt', value: 'a fox' },
      { type: 4, name: 'count', value: 2 },
      { type: 3, name: 'aspect', value: '3:2' },
      { type: 5, name: 'hidden', value: true },
      { type: 11, name: 'image', value: '0' },
    ]);
    expect(files).toEqual([image]);
  });

  test('a subcommand in a group is wrapped in both', () => {
    const set = entriesOf(settings, '2', '4')[1]!;
    expect(toOptions(set, new Map([['on', 'true']]), [])).toEqual([
      { type: 2, name: 'nsfw', options: [{ type: 1, name: 'set', options: [{ type: 5, name: 'on', value: true }] }] },
    ]);
  });

  test('the option that is typed is sent as it stands, and marked', () => {
    expect(toOptions(entry!, new Map([['count', '2x']]), [], 'count')).toEqual([
      { type: 4, name: 'count', value: '2x', focused: true },
    ]);
  });
});

describe('a command in the user’s language', () => {
  const command: APIApplicationCommand = {
    ...imagine,
    name_localizations: { de: 'bild', 'en-GB': 'picture' },
    description_localizations: { de: 'Malt ein Bild' },
    options: [
      { type: 3, name: 'prompt', name_localizations: { de: 'eingabe' }, description: 'What', required: true },
      {
        type: 3,
        name: 'aspect',
        name_localizations: { de: 'format' },
        description: 'Shape',
        choices: [{ name: 'Wide', name_localizations: { de: 'Breit' }, value: '3:2' }],
      },
    ],
  } as never;
  const german = entriesOf(command, '2', '4', 'de')[0]!;

  test('is shown in it, and found and filled by either name', () => {
    expect([german.name, german.label, german.description]).toEqual(['imagine', 'bild', 'Malt ein Bild']);
    for (const typed of ['bil', 'imag']) expect(find([german], typed)).toEqual([german]);
    for (const line of ['ein Fuchs format: Breit', 'ein Fuchs aspect: Wide', 'eingabe: ein Fuchs format: 3:2']) {
      expect(toOptions(german, parseTyped(german, line), [])).toEqual([
        { type: 3, name: 'prompt', value: 'ein Fuchs' },
        { type: 3, name: 'aspect', value: '3:2' },
      ]);
    }
    expect(nextOption(german, 'ein Fuchs format:')).toEqual({ name: 'aspect', before: 'ein Fuchs' });
    expect(problemOf(german.options[1]!, 'Quer')).toBe('Choose one of the options');
  });

  test('falls back from American to British English, else to its default', () => {
    const labels = ['en-US', 'en-GB', 'fr'].map((locale) => entriesOf(command, '2', '4', locale)[0]!.label);
    expect(labels).toEqual(['picture', 'picture', 'imagine']);
    expect(labelOf([command], 'imagine set', 'de')).toBe('bild set');
  });
});
