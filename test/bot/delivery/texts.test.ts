import { describe, expect, test } from 'vitest';
import { fitted, progressText, resultText, titled } from '../../../src/bot/delivery/texts.js';
import type { Axis, PaintRequest } from '../../../src/bot/request/paint-request.js';
import { lengthOf } from '../../../src/bot/text/cut.js';
import { LANGUAGES, translateFor } from '../../../src/bot/text/i18n.js';
import { Refusal } from '../../../src/bot/text/refusal.js';
import { aJob } from '../request.js';

const t = translateFor('en');
const size = { width: 96, height: 64 };
const telling = { heading: null, notices: [], size };

function told(request: Partial<PaintRequest>, more: Partial<Parameters<typeof resultText>[1]> = {}): string {
  return resultText(aJob({}, request), { ...telling, ...more }, t);
}

describe('above a result', () => {
  test('stand the words, for whom, and the facts to paint it again', () => {
    expect(told({ prompt: 'a fox', negative: 'blur', strength: 0.5 })).toBe(
      '**a fox** for <@4>\n-# − blur\n-# seed 42 · 2 steps · scale 5 · DDIM · 96×64 · strength 0.5 · easel-128',
    );
  });

  test('stands the size of its pictures, whatever was asked for', () => {
    expect(told({ width: 1, height: 256 })).toContain('96×64');
  });

  test.each(['', ' \u200b\n', '\u3164'])('no stars stand for the blank prompt %j', (prompt) => {
    expect(told({ prompt })).toMatch(/^\*\(no prompt\)\* for/);
    expect(progressText(aJob({}, { prompt }), { position: 1, secondsLeft: null }, t, 0)).toMatch(
      /^\*\(no prompt\)\*\n/,
    );
  });

  test('what strangers wrote obeys none of its marks: words, names of models and samplers, notices', () => {
    const link = '[click](https://evil.example) [again](https://evil.example)';
    const text = told(
      { prompt: link, negative: link, model: link, sampler: link },
      { notices: [`There is no LoRA "${link}".`] },
    );
    expect(text).not.toMatch(/(?<!\\)\[/);
    expect(text).not.toMatch(/https?:\/\//);
  });

  test('the seed and the notices are there, and the whole fits, however long and hostile the words are', () => {
    const worst = '🦊_*['.repeat(2000);
    const axes: Axis[] = [];
    for (const request of [{ dynamic: true, count: 4 }, {}, { kind: 'table' as const, axes }]) {
      const text = told(
        { prompt: `${worst} {a|b|c|d}`, negative: worst, model: worst, ...request },
        {
          heading: 'Picture 1, enlarged',
          notices: ['Something was left out.', worst],
          mention: '<@123456789012345678>',
        },
      );
      expect(lengthOf(text)).toBeLessThanOrEqual(2000);
      expect(text).toMatch(/^<@123456789012345678> /);
      expect(text).toContain('-# Something was left out.');
      expect(text).not.toMatch(/\p{Cs}/u);
      if (!('axes' in request)) expect(text).toContain('seed 42');
    }
  });
});

test('lines that do not fit are left out from the end, the last that fits in part is cut', () => {
  const text = fitted('start', ['a'.repeat(1900), 'b'.repeat(500), 'never']);
  expect(lengthOf(text)).toBe(2000);
  expect(text).toMatch(/^start\na{1900}\nb+…$/);
});

test('a prompt as a title is bold and cut before its marks are', () => {
  expect(titled('a *b*', t)).toBe('**a \\*b\\***');
  expect(titled('fox '.repeat(100), t, 10)).toBe('**fox fox f…**');
});

describe('a refusal', () => {
  test.each(LANGUAGES)('quotes what was written, in %s', (language) => {
    const evil = '[x](https://evil.example) @everyone `_*';
    const text = new Refusal('noModel', { model: evil }).text(translateFor(language));
    expect(text).toContain('\\[x](https\\://evil.example) \\@everyone \\`\\_\\*');
  });

  test("leaves the bot's own marks alone", () => {
    expect(new Refusal('notYours', { user: () => '<@1>' }).text(t)).toContain('<@1>');
  });
});
