import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestError } from '../../../src/engine/errors.js';
import { parsePrompt } from '../../../src/engine/text/prompt.js';

/** Blocks as [text, weight] pairs, weights to four places. */
const blocks = (prompt: string) =>
  parsePrompt(prompt).blocks.map((spans) => spans.map(({ text, weight }) => [text, Math.round(weight * 1e4) / 1e4]));
const spans = (prompt: string) => blocks(prompt)[0];

describe('weights', () => {
  test.each([
    ['a cat', [['a cat', 1]]],
    [
      'a (cat:1.3) here',
      [
        ['a ', 1],
        ['cat', 1.3],
        [' here', 1],
      ],
    ],
    [
      'a (cat) here',
      [
        ['a ', 1],
        ['cat', 1.1],
        [' here', 1],
      ],
    ],
    ['((cat))', [['cat', 1.21]]],
    ['[cat]', [['cat', 0.9091]]],
    ['[(cat)]', [['cat', 1]]],
    [
      '(a (b:1.5) c:0.5)',
      [
        ['a ', 0.5],
        ['b', 0.75],
        [' c', 0.5],
      ],
    ],
    ['(cat:  1.2 )', [['cat', 1.2]]],
    ['(cat:.5)', [['cat', 0.5]]],
    ['(cat:-1)', [['cat', -1]]],
    [`(cat:${'9'.repeat(400)})`, [['cat', 100]]],
    [`((cat:0):${'9'.repeat(400)})`, [['cat', 0]]],
    [`((cat:-99):99)`, [['cat', -100]]],
  ])('%j', (prompt, expected) => {
    expect(spans(prompt)).toEqual(expected);
  });

  test("AUTOMATIC1111's own example", () => {
    expect(spans('a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).')).toEqual([
      ['a ', 1],
      ['house', 1.573],
      [' ', 1.1],
      ['on', 1],
      [' a ', 1.1],
      ['hill', 0.55],
      [', sun, ', 1.1],
      ['sky', 1.4641],
      ['.', 1.1],
    ]);
  });
});

describe('text that only looks like syntax', () => {
  test.each([
    ['\\(cat\\) \\[dog\\]', [['(cat) [dog]', 1]]],
    ['a \\\\ b', [['a \\ b', 1]]],
    // AUTOMATIC1111 leaves a single one out.
    ['a \\ b', [['a  b', 1]]],
    ['cat)', [['cat)', 1]]],
    ['cat]', [['cat]', 1]]],
    ['time 12:30', [['time 12:30', 1]]],
    ['cat:1.2)', [['cat:1.2)', 1]]],
    ['(cat:big)', [['cat:big', 1.1]]],
    ['(never closed', [['never closed', 1.1]]],
    ['[never closed', [['never closed', 0.9091]]],
    ['', []],
    ['()', []],
  ])('%j', (prompt, expected) => {
    expect(spans(prompt)).toEqual(expected);
  });
});

test('BREAK divides, also inside brackets, and takes the white space around it', () => {
  expect(blocks('a cat BREAK (a dog BREAK:1.2) BREAKFAST')).toEqual([
    [['a cat', 1]],
    [['a dog', 1.2]],
    [[' BREAKFAST', 1]],
  ]);
});

describe('LoRA tags', () => {
  test('are taken out with their weights', () => {
    const { blocks, loras } = parsePrompt('a cat <lora:ink wash:0.8>, <LORA:detail> <lora:low:-.5> <b>');
    expect(loras).toEqual([
      { name: 'ink wash', weight: 0.8, textWeight: 0.8 },
      { name: 'detail', weight: 1, textWeight: 1 },
      { name: 'low', weight: -0.5, textWeight: -0.5 },
    ]);
    expect(blocks[0]!.map((span) => span.text).join('')).toBe('a cat ,   <b>');
  });

  test.each([
    ['<lora:x:0.8:0.5>', { weight: 0.5, textWeight: 0.8 }],
    ['<lora:x:unet=0.5>', { weight: 0.5, textWeight: 1 }],
    ['<lora:x:te=0.5>', { weight: 0.5, textWeight: 0.5 }],
    ['<lora:x:te=0:unet=1>', { weight: 1, textWeight: 0 }],
    ['<lora:x:0.3:unet=0.7>', { weight: 0.7, textWeight: 0.3 }],
    ['<lyco:x:0.8>', { weight: 0.8, textWeight: 0.8 }],
    ['<lora:x: 0.8 >', { weight: 0.8, textWeight: 0.8 }],
  ])('%s acts as in AUTOMATIC1111', (tag, weights) => {
    const { blocks, loras } = parsePrompt(`a cat${tag}`);
    expect(loras).toEqual([{ name: 'x', ...weights }]);
    expect(blocks).toEqual([[{ text: 'a cat', weight: 1 }]]);
  });

  test.each([
    '<lora:>',
    '<lora:x:>',
    '<lora:x:strong>',
    '<lora:x:te=>',
    '<lora:x:unet=0.5=1>',
    '<lora:x:1@2:lbw=IN02>',
    `<lora:x:${'9'.repeat(400)}>`,
    `<lora:${'x'.repeat(1000)}:?>`,
  ])('%s is refused, not painted as words', (tag) => {
    expect(() => parsePrompt(`a cat ${tag}`)).toThrow(RequestError);
    expect(() => parsePrompt(`a cat ${tag}`)).toThrow(
      /^"<lora:.{0,74}" is not a valid LoRA tag\. Write <lora:name:0\.8>/,
    );
  });
});

describe('parts of a LoRA tag that are for other programs', () => {
  test.each([
    ['<lora:x:0.8:0.5:lbw=IN02>', ['lbw=IN02']],
    ['<lora:x:0.8:0.5:dyn=4>', ['dyn=4']],
    ['<lora:x:0.8:0.5:4>', ['4']],
    ['<lora:x:te=0.8:unet=0.5:lbw=1,0,0:lbwe=a=b:start=3>', ['lbw=1,0,0', 'lbwe=a=b', 'start=3']],
    ['<lora:x: lbw = MIDD : te = 0.8 : unet=0.5 >', ['lbw = MIDD']],
  ])('%s is used without them', (tag, parts) => {
    const { loras, leftOut } = parsePrompt(`a cat${tag}`);
    expect(loras).toEqual([{ name: 'x', weight: 0.5, textWeight: 0.8 }]);
    expect(leftOut).toEqual(parts.map((part) => ({ tag, part })));
  });
});

test('without brackets, backslashes and BREAK a prompt is one span, itself', () => {
  const plain = fc.string().filter((text) => text.length > 0 && !/[\\()[\]]|BREAK|<(lora|lyco):/i.test(text));
  fc.assert(
    fc.property(plain, (text) => {
      expect(parsePrompt(text).blocks).toEqual([[{ text, weight: 1 }]]);
    }),
  );
});

test('nothing that can be typed is refused, and no letter is lost', () => {
  const wild = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '(', ')', '[', ']', ':', '1', '.', '\\', ',') });
  fc.assert(
    fc.property(wild, (text) => {
      const { blocks } = parsePrompt(text);
      const letters = (of: string) => of.replace(/[^ab,]/g, '');
      expect(
        letters(
          blocks
            .flat()
            .map((span) => span.text)
            .join(''),
        ),
      ).toBe(letters(text));
      for (const { weight } of blocks.flat()) expect(Number.isFinite(weight)).toBe(true);
    }),
  );
});

test('brackets in brackets count to a depth that nobody types, and close where they were opened', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}dim${']'.repeat(depth)} plain`;
  const weightOf = (prompt: string) => parsePrompt(prompt).blocks.flat()[0]!.weight;
  expect(weightOf(nested(64))).toBeCloseTo(1.1 ** -64, 12);
  expect(weightOf(nested(200))).toBe(weightOf(nested(64)));
  expect(parsePrompt(nested(200)).blocks.flat()[1]).toEqual({ text: ' plain', weight: 1 });
});
