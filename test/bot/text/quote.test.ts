import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthOf } from '../../../src/bot/text/cut.js';
import { isBlank, oneLine, quote } from '../../../src/bot/text/quote.js';
import { type Block, type Inline, parseMarkdown } from '../../../src/discord/page/markdown.js';

/** What a reader sees, and whether anything in it is more than text. */
function shown(markdown: string): { text: string; plain: boolean } {
  const blocks = parseMarkdown(markdown);
  const inner = blocks.flatMap((block: Block) => (block.kind === 'lines' ? block.inner : []));
  const plain = blocks.every(({ kind }) => kind === 'lines') && inner.every(({ kind }: Inline) => kind === 'text');
  return { text: inner.map((node) => (node.kind === 'text' ? node.text : '')).join(''), plain };
}

describe('reads as it was written', () => {
  test.each([
    ['_x_'],
    ['__x__ ___x___ _ __ ___'],
    ['snake_case_name a_b'],
    ['*x* **x** ***x***'],
    ['`code` ``code`` ```js code```'],
    ['||hidden|| ~~struck~~'],
    ['[one](https://a.example) [two](https://b.example)'],
    ['[[nested]](https://a.example)'],
    ['https://a.example/under_score_path?x=*1* then _x_'],
    ['<https://a.example> <@1> <@&2> <#3> <:fox:4> <a:fox:5> <t:6:R> </imagine:7> <id:browse>'],
    ['@everyone @here'],
    ['# heading'],
    ['-# small'],
    ['- item'],
    ['> quote'],
    ['>>> quote'],
    ['1. item'],
    ['back\\slash \\* \\\\ \\'],
    ['¯\\_(ツ)_/¯'],
    ['_____________________________________'],
    [':smile: 10:20:30'],
  ])('%s', (text) => {
    expect(shown(quote(text))).toEqual({ text, plain: true });
  });

  test('whatever it is', () => {
    const mark = fc.constantFrom(...'\\`*_~|[]()<>#@:/-+.1ax \n'.split(''), 'https://a.b/c', '<@1>', '🦊');
    fc.assert(
      fc.property(fc.string({ unit: mark, maxLength: 40 }), (text) => {
        expect(shown(quote(text))).toEqual({ text: oneLine(text), plain: true });
      }),
      { numRuns: 2000 },
    );
  });
});

test('no address in it is one that Discord would unfurl', () => {
  expect(quote('see https://a.example/x and HTTP://b.example')).not.toMatch(/https?:\/\//i);
});

test('no longer than its limit, with no escape left over at its end', () => {
  for (let limit = 1; limit < 40; limit++) {
    const short = quote('\\*_🦊|'.repeat(20), limit);
    expect(lengthOf(short)).toBeLessThanOrEqual(limit);
    expect(short).toMatch(/^(?:\\.|[^\\])*…$/u);
  }
});

test('nothing in it changes the direction of the following text', () => {
  expect(quote('a\u202eb\u2066c\u0007d\u2028e')).toBe('abcd e');
});

test.each([[''], [' \n'], ['\u200b\u200d\ufeff'], ['\u3164'], ['\u2800'], ['\u00ad\u0301']])('%j is blank', (text) => {
  expect(isBlank(text)).toBe(true);
});

test.each([['.'], ['🦊'], ['é'], ['\u200b0']])('%j is not blank', (text) => {
  expect(isBlank(text)).toBe(false);
});
