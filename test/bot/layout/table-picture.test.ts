import { expect, test } from 'vitest';
import { tablePicture } from '../../../src/bot/layout/table-picture.js';
import type { Axis } from '../../../src/bot/request/paint-request.js';
import { translateFor } from '../../../src/bot/text/i18n.js';

const grey = (value: number) => ({ width: 128, height: 128, data: new Uint8Array(128 * 128 * 3).fill(value) });
const drawn = (axes: Axis[], locale = 'en') => tablePicture([grey(90), grey(180)], axes, translateFor(locale));
const words = (...values: string[]): Axis[] => [{ parameter: 'words', values }];

test('labels are in the language of the reader', async () => {
  const steps: Axis[] = [{ parameter: 'steps', values: ['5', '20'] }];
  for (const [locale, ...labels] of [
    ['en', '5 steps', '20 steps'],
    ['de', '5 Schritte', '20 Schritte'],
    ['fr', '5 étapes', '20 étapes'],
    ['es', '5 pasos', '20 pasos'],
  ] as const) {
    expect(await drawn(steps, locale), locale).toEqual(await drawn(words(...labels)));
  }
});

test("labels that the bot's font cannot show are in English: a server may have no other font", async () => {
  const axes: Axis[] = [
    { parameter: 'scale', values: ['2', '8'] },
    { parameter: 'seeds', values: ['3'] },
  ];
  expect(await drawn(axes, 'ja')).toEqual(await drawn(axes, 'en'));
  expect(await drawn(axes, 'de')).not.toEqual(await drawn(axes, 'en'));
});

test('accents are drawn', async () => {
  for (const letter of 'äöüßéèêçñíóúœ') {
    const bare = letter.normalize('NFD')[0]!.replace('ß', 's').replace('œ', 'o');
    expect(await drawn(words(letter, 'x')), letter).not.toEqual(await drawn(words(bare, 'x')));
  }
});

test.each(['\u200b', '\u00ad', '\u2060', '\u3164', '\u202e'])('a label of %j alone is left empty', async (label) => {
  const { width, height } = await drawn(words('x', label));
  expect([width, height]).toEqual([(await drawn(words('x', 'x'))).width, (await drawn(words('x', 'x'))).height]);
  const rows: Axis[] = [...words('x', 'y'), { parameter: 'words', values: [label] }];
  await expect(drawn(rows)).resolves.toBeDefined();
});
