import { describe, expect, test } from 'vitest';
import { fitted, plainTitle, progressText, resultText, titled } from '../../../src/bot/delivery/texts.js';
import type { Axis, PaintRequest } from '../../../src/bot/request/paint-request.js';
import { lengthOf } from '../../../src/bot/text/cut.js';
import { LANGUAGES, translateFor } from '../../../src/bot/text/i18n.js';
import { Refusal } from '../../../src/bot/text/refusal.js';
import { type Block, type Inline, parseMarkdown } from '../../../src/discord/page/markdown.js';
import { aJob } from '../request.js';

const t = translateFor('en');
const size = { width: 96, height: 64 };
const telling = { notices: [], size };

function told(request: Partial<PaintRequest>, more: Partial<Parameters<typeof resultText>[1]> = {}): string {
  return resultText(aJob({}, request), { ...telling, ...more }, t);
}

describe('above a result', () => {
  test('are the prompt, whom it is for, and the kind of picture; the settings are in the picture', () => {
    expect(told({ prompt: 'a fox', negative: 'blur' })).toBe('**a fox** for <@4>\n-# 96×64');
    const img2img = { kind: 'img2img', prompt: 'a fox', strength: 0.5, source: '' } as const;
    expect(told(img2img, { index: 2 })).toBe('**a fox** for <@4>\n-# Variations of picture 2 (strong) · 96×64');
    for (const subtle of [
      { ...img2img, subtle: true },
      { prompt: 'a fox', variation: { seed: 1, strength: 0.2 } },
    ])
      expect(told(subtle, { index: 2 })).toBe('**a fox** for <@4>\n-# Variations of picture 2 (subtle) · 96×64');
    const enlarged = { kind: 'upscale', prompt: 'a fox', strength: 0, source: '' } as const;
    expect(told(enlarged)).toBe('**a fox** for <@4>\n-# A picture, enlarged · 96×64');
    const axes: Axis[] = [
      { parameter: 'steps', values: ['1', '2'] },
      { parameter: 'scale', values: ['1', '2'] },
    ];
    expect(told({ kind: 'table', prompt: 'a fox', axes })).toContain('-# Comparison: steps × scale · 96×64');
  });

  test('a request without a prompt is named by its kind', () => {
    const img2img = { kind: 'img2img', prompt: ' ', strength: 0.5, source: '' } as const;
    expect(told(img2img)).toBe('*Variations of a picture* for <@4>\n-# 96×64');
    expect(plainTitle(aJob({}, img2img).request, t)).toBe('Variations of a picture');
  });

  test('whoever is mentioned is not named a second time', () => {
    expect(told({ prompt: 'a tree' }, { mention: '<@4>' })).toBe('<@4> **a tree**\n-# 96×64');
  });

  test('is the size of its pictures, whatever was asked for', () => {
    expect(told({ width: 1, height: 256 })).toContain('96×64');
  });

  test.each(['', ' \u200b\n', '\u3164'])('no stars stand for the blank prompt %j', (prompt) => {
    expect(told({ prompt })).toMatch(/^\*\(no prompt\)\* for/);
    expect(progressText(aJob({}, { prompt }), { position: 1, secondsLeft: null }, null, t)).toMatch(
      /^\*\(no prompt\)\*\n/,
    );
  });

  test("markdown in strangers' text is escaped: prompts, names of models and samplers, notices", () => {
    const link = '[click](https://evil.example) [again](https://evil.example)';
    const text = told(
      { prompt: link, negative: link, model: link, sampler: link },
      { notices: [`There is no LoRA "${link}".`] },
    );
    expect(text).not.toMatch(/(?<!\\)\[/);
    expect(text).not.toMatch(/https?:\/\//);
  });

  test('the notices are there, and the whole fits, however long and hostile the words are', () => {
    const worst = '🦊_*['.repeat(2000);
    const axes: Axis[] = [];
    for (const request of [{ dynamic: true, count: 4 }, {}, { kind: 'table' as const, axes }]) {
      const text = told(
        { prompt: `${worst} {a|b|c|d}`, negative: worst, model: worst, ...request },
        {
          index: 1,
          notices: ['Something was left out.', worst],
          mention: '<@123456789012345678>',
        },
      );
      expect(lengthOf(text)).toBeLessThanOrEqual(2000);
      expect(text).toMatch(/^<@123456789012345678> /);
      expect(text).toContain('-# Something was left out.');
      expect(text).not.toMatch(/\p{Cs}/u);
    }
  });
});

test('lines that do not fit are left out from the end, the last that fits in part is cut', () => {
  const text = fitted('start', ['a'.repeat(1900), 'b'.repeat(500), 'never']);
  expect(lengthOf(text)).toBe(2000);
  expect(text).toMatch(/^start\na{1900}\nb+…$/);
});

test('a prompt as a title is bold and cut before its marks are', () => {
  expect(titled(aJob({}, { prompt: 'a *b*' }).request, t)).toBe('**a \\*b\\***');
  expect(titled(aJob({}, { prompt: 'fox '.repeat(100) }).request, t, 10)).toBe('**fox fox f…**');
});

test.each(['_x_', '<@1> and <@&2> in <#3>', 'https://a.example/b_c', '[l](https://x.example)', '*'])(
  'in a title, %j is read as it was written: no mention, no link, no marks',
  (prompt) => {
    const [block] = parseMarkdown(titled(aJob({}, { prompt }).request, t));
    const [title] = (block as Extract<Block, { kind: 'lines' }>).inner;
    expect(title).toMatchObject({ kind: 'bold' });
    const inside = (title as { inner: Inline[] }).inner;
    expect(inside.every(({ kind }) => kind === 'text')).toBe(true);
    expect(inside.map((node) => ('text' in node ? node.text : '')).join('')).toBe(prompt);
  },
);

describe('a refusal', () => {
  test.each(LANGUAGES)("quotes the member's text, in %s", (language) => {
    const evil = '[x](https://evil.example) @everyone `_*';
    const text = new Refusal('noModel', { model: evil }).text(translateFor(language));
    expect(text).toContain('\\[x](https\\://evil.example) \\@everyone \\`\\_\\*');
  });

  test("keeps the bot's own markdown", () => {
    expect(new Refusal('notYours', { user: () => '<@1>' }).text(t)).toContain('<@1>');
  });
});
