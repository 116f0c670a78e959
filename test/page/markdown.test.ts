import { describe, expect, test } from 'vitest';
import {
  isEmojiAlone,
  parseInline,
  parseMarkdown,
  plainText,
  withEmojis,
  withMentions,
} from '../../src/discord/page/markdown.js';

const text = (value: string) => ({ kind: 'text', text: value });

describe('markdown as Discord shows it', () => {
  test('bold, italic, underline, strike and spoiler nest', () => {
    expect(parseInline('**a *b* c** ~~d~~ ||e|| __f__')).toEqual([
      { kind: 'bold', inner: [text('a '), { kind: 'italic', inner: [text('b')] }, text(' c')] },
      text(' '),
      { kind: 'strike', inner: [text('d')] },
      text(' '),
      { kind: 'spoiler', inner: [text('e')] },
      text(' '),
      { kind: 'underline', inner: [text('f')] },
    ]);
  });

  test('mentions, timestamps, commands and custom emojis are read from their brackets', () => {
    expect(parseInline('<@12> <@&13> <#14> <t:1700000000:R> </imagine:15> <a:fox:16>')).toEqual(
      [
        { kind: 'user', id: '12' },
        { kind: 'role', id: '13' },
        { kind: 'channel', id: '14' },
        { kind: 'time', seconds: 1700000000, style: 'R' },
        { kind: 'command', name: 'imagine', id: '15' },
        { kind: 'emoji', name: 'fox', id: '16', animated: true },
      ].flatMap((node, place) => (place > 0 ? [text(' '), node] : [node])),
    );
  });

  test('a timestamp beyond all dates stays as it was written', () => {
    expect(parseInline('<t:8640000000000:R>')).toEqual([{ kind: 'time', seconds: 8640000000000, style: 'R' }]);
    expect(parseInline('<t:99999999999999>')).toEqual([text('<t:99999999999999>')]);
    expect(parseInline('<t:-8640000000001:R>')).toEqual([text('<t:-8640000000001:R>')]);
  });

  test('nothing is read inside code, behind a backslash or inside a word', () => {
    expect(parseInline('`**a**` \\*b\\* snake_case_name')).toEqual([
      { kind: 'code', text: '**a**' },
      text(' '),
      text('*'),
      text('b'),
      text('*'),
      text(' snake_case_name'),
    ]);
  });

  test('an underscore behind a backslash is an underscore', () => {
    expect(plainText('\\_x\\_ \\_\\_y\\_\\_')).toBe('_x_ __y__');
  });

  test('only web addresses become links: javascript: stays text', () => {
    expect(parseInline('[x](javascript:alert(1))')).toEqual([text('[x](javascript:alert(1))')]);
    expect(parseInline('see https://example.org/a.')).toEqual([
      text('see '),
      { kind: 'link', url: 'https://example.org/a', inner: [text('https://example.org/a')] },
      text('.'),
    ]);
  });

  test('lines that follow each other join their list or quote', () => {
    expect(parseMarkdown('- a\n- b\n\ntext\n> c\n> d')).toEqual([
      { kind: 'list', ordered: false, items: [[text('a')], [text('b')]] },
      { kind: 'lines', inner: [text('\ntext')] },
      { kind: 'quote', inner: [{ kind: 'lines', inner: [text('c'), text('\n'), text('d')] }] },
    ]);
  });

  test('a fence keeps its lines as they are, with or without a language', () => {
    expect(parseMarkdown('```ts\nconst a = "**b**";\n```')).toEqual([
      { kind: 'fence', language: 'ts', text: 'const a = "**b**";' },
    ]);
    expect(parseMarkdown('a ```b``` c').map(({ kind }) => kind)).toEqual(['lines', 'fence', 'lines']);
  });

  test('a prompt full of marks takes no time', () => {
    const before = process.cpuUsage();
    parseMarkdown('*_~|`<[('.repeat(250));
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(500_000);
  });

  test('plain text has no marks', () => {
    expect(plainText('**a fox** · seed `42`\n> quoted')).toBe('a fox · seed 42 quoted');
  });

  test.each([
    ['🔥', true],
    ['🔥 <:fox:16>\n👩‍🚀 🇩🇪 1️⃣', true],
    ['<a:fox:16>', true],
    ['🔥 hot', false],
    ['7', false],
    ['> 🔥', false],
    ['🔥'.repeat(31), false],
    ['', false],
  ])('%j is shown large: %s', (source, large) => {
    expect(isEmojiAlone(parseMarkdown(source))).toBe(large);
  });

  test('a custom emoji is typed by its name; other colons stay', () => {
    const emojis = [
      { id: '1', name: 'fox', animated: false },
      { id: '2', name: 'wave', animated: true },
    ];
    expect(withEmojis('a :fox: and :wave:, at 12:30:45 :bear: <:fox:9>', emojis)).toBe(
      'a <:fox:1> and <a:wave:2>, at 12:30:45 :bear: <:fox:9>',
    );
    const users = [
      { id: '1', name: 'Ada' },
      { id: '2', name: 'Ada Byron' },
      { id: '3', name: 'Easel' },
    ];
    expect(withMentions('@Easel draw @Ada Byron, not @Adam or me@Ada <@9> @Ada', users)).toBe(
      '<@3> draw <@2>, not @Adam or me@Ada <@9> <@1>',
    );
    expect(plainText('look <:fox:1> <@12>', (id) => `Ada ${id}`)).toBe('look :fox: @Ada 12');
  });
});
