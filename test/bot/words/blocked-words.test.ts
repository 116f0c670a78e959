import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockedWords, isTooWide } from '../../../src/bot/words/blocked-words.js';

const found = (prompt: string, ...words: string[]) => new BlockedWords(words).in(prompt);

describe('a blocked word is found', () => {
  test.each([
    'an apple',
    'APPLE',
    'apple,pear',
    'ap()ple',
    'ap[]ple',
    'ap(:1)ple',
    'a((p)p)le',
    '(ap:1.3)ple',
    '(((apple:1.4)))',
    'ap&#112;le',
    'ap&#x70;le',
    'ap&amp;#112;le',
    'ap&#112;le <b>',
    '<b> ap&#112;le',
    'ap&shy;ple',
    'ａｐｐｌｅ',
    'ap\ufeffple',
    'ap\u0008ple',
    'ap\ufffaple',
    'ap\u200bple',
    'ap\u200d\u2060ple',
    'ap\u00adple',
    'ap\u034fple',
    'ap\u{e0041}ple',
    'a\u0334p\u0337p\u0338l\u0334e\u0336',
    'аррle',
    'аррӏе',
    'ΑΡΡLΕ',
    'ɑpple',
    '𝐚𝐩𝐩𝐥𝐞',
    'ⓐⓟⓟⓛⓔ',
    'ᴀᴘᴘʟᴇ',
    '🅰🅿🅿🅻🅴',
    'ᎪᏢᏢᏞᎬ',
    'app1e',
    'appIe',
    'app|e',
    'apple2',
    'арple2',
    "an apple's core",
    'apple_pie',
    '“аpple”',
    '<lora:apple:0.5>',
    '<lora:RedApple_v2:0.5>',
    'a {red|green} apple',
    '{apple|pear}',
    'red\nBREAK apple',
    'a pear\\(apple\\)',
    'apples',
    'two APPLES',
    'аррles',
    'a p p l e',
    'an a.p-p_l.e',
    '(a)(p)(p)(l)(e)',
    '⒜⒫⒫⒧⒠',
    '@pple',
    '4ppl3',
    'appl€',
    'GreenApple',
    'app\u0489le',
    'ap\u05b0ple',
    'ap\\ple',
  ])('%j', (prompt) => {
    expect(found(prompt, 'apple')).toBe('apple');
  });

  test.each([
    ['bananas', 'banana'],
    ['banana', 'bananas'],
    ['berries', 'berry'],
    ['a berry', 'berries'],
    ['foxes', 'fox'],
    ['men', 'man'],
    ['a child', 'children'],
    ['big tops', 'big top'],
    ['the big-top', 'big top'],
    ['big (top:1.2)', 'Big Top'],
    ['bіg top', 'big top'],
    ['ВIRD', 'bird'],
    ['Hіtler', 'hitler'],
    ['$ex', 'sex'],
    ['пude, ηude', 'nude'],
    ['einen Äpfel'.normalize('NFD'), 'äpfel'],
    ['deux cafés', 'café'],
    ['un café', 'cafés'],
    ['étés', 'été'],
    ['яблоко', 'Яблоко'],
    ['ｸﾞﾛの絵', 'グロ'],
    ['血の海', '血'],
    ['an 🍆 on a plate', '🍆'],
    ['i ♥️ it', '♥'],
    ['c++ code', 'c++'],
    ['f*ck', 'f*ck'],
    ['4chan', '4chan'],
  ])('%j by %j', (prompt, word) => {
    expect(found(prompt, word)).toBe(word);
  });

  test('the first of the list that is there is named as it was written', () => {
    expect(found('a clown and a fox', 'wolf', 'Foxes', 'clown')).toBe('Foxes');
  });
});

describe('innocent words that merely contain or resemble a blocked one pass', () => {
  test.each([
    ['pineapple, grapple, applet', 'apple'],
    ['clownfish', 'clown'],
    ['assassin, class, glass, assist, bass', 'ass'],
    ['Scunthorpe, a cockpit, Middlesex', 'cock'],
    ['a shopping mall, all in the hall', 'mail'],
    ['all', 'ail'],
    ['modern art', 'modem'],
    ['burnt corn', 'bum'],
    ['“mail”, mail.', 'mall'],
    ['für Elise', 'fur'],
    ['pâté', 'pate'],
    ['the notes', 'not'],
    ['planes', 'plan'],
    ['a glass of water', 'glas'],
    ['42 apples', '4'],
    ['red (and) blue', 'redand'],
    ['', 'apple'],
    ['the cat sat', 'at'],
    ['a lens', 'lenses of glass'],
    ['a b c, in the U.S.A.', 'ab'],
    ['a 3d render in 4k, 5g', '*ed'],
    ['what is a p?', 'isap'],
    ['me@home', 'mea'],
  ])('%j with %j', (prompt, word) => {
    expect(found(prompt, word)).toBeUndefined();
  });
});

describe('an asterisk at an end of a word stands for any letters', () => {
  test.each([
    ['a gunfire at dawn', 'gun*'],
    ['one GUN', 'gun*'],
    ['(gun:1.2)fire', 'gun*'],
    ['a ｇｕｎner', 'gun*'],
    ['a gцn, a gunпer', 'gun*'],
    ['<lora:RedGunner_v2:0.5>', 'gun*'],
    ['a gun', 'gun *'],
    ['handguns', '*gun'],
    ['a handgun', '*gun'],
    ['popcornporny', '*porn*'],
    ['рornogrаphy', '*porn*'],
    ['p0rn', 'por*'],
    ['P0RNSTAR', '*porn*'],
    ['ᴘᴏʀɴꜱ', '*porn*'],
    ['the matrix', 'the mat*'],
    ['two big-gunners', 'big gun*'],
    ['a bіg gunner', 'big gun*'],
    ['superbig gun', '*big gun'],
    ['a {shotgun|bow}', '*gun'],
    ['グロテスクな絵', 'グロ*'],
    ['an 🍆', '*🍆*'],
    ['f*ck', 'f*ck'],
    ['Äpfelchen', 'äpfel*'],
    ['ſtreetgun', '*gun*'],
  ])('%j by %j', (prompt, word) => {
    expect(found(prompt, word)).toBe(word);
  });

  test.each([
    ['a begun handgun', 'gun*'],
    ['gunfire', '*gun'],
    ['a dungeon', 'gun*'],
    ['fuck', 'f*ck'],
    ['the big matrix', 'the mat*'],
    ['big, small gun', 'big gun*'],
    ['modern pomegranates', '*porn*'],
    ['a b', '*'],
    ['', 'gun*'],
  ])('%j not by %j', (prompt, word) => {
    expect(found(prompt, word)).toBeUndefined();
  });

  test('all that are there are named, each as it was written', () => {
    const words = new BlockedWords(['Gun*', 'fox', '*fire', 'wolf']);
    expect([...words.allIn('a fox and gunfire')]).toEqual(['Gun*', 'fox', '*fire']);
  });

  test.each([
    ['a*', true],
    ['*a', true],
    ['*1*', true],
    ['ab*', false],
    ['a', false],
    ['*', false],
    ['血*', false],
    ['c++', false],
  ])('%j fits too many words: %j', (word, wide) => {
    expect(isTooWide(word)).toBe(wide);
  });
});

test('no prompt makes it fail or take long', () => {
  const words = new BlockedWords(Array.from({ length: 400 }, (_, k) => (k % 2 ? `w${k}` : `*w${k}*`)));
  const unit = fc.constantFrom('a', '(', ')', '[', ']', ':', '1', '&amp;', '<', 'é', 'а', '\u0334', '🍆', ' ', '\\');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 300 }), (prompt) => words.in(prompt) === undefined),
    { numRuns: 300 },
  );
});
