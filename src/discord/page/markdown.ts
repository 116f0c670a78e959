/** A piece of Discord's markdown. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'underline' | 'strike' | 'spoiler'; inner: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; url: string; inner: Inline[] }
  | { kind: 'user' | 'role' | 'channel'; id: string }
  | { kind: 'command'; name: string; id: string }
  | { kind: 'emoji'; name: string; id: string; animated: boolean }
  | { kind: 'time'; seconds: number; style: string };

export type Block =
  | { kind: 'lines'; inner: Inline[] }
  | { kind: 'heading'; level: 1 | 2 | 3; inner: Inline[] }
  | { kind: 'subtext'; inner: Inline[] }
  | { kind: 'quote'; inner: Block[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'fence'; language: string; text: string };

const FENCE = /^```(?:([\w+-]+)\n)?\n?([\s\S]*?)\n?```\n?/;
const HEADING = /^(#{1,3}) +(.+)$/;
const ITEM = /^\s*(?:[-*]|(\d+)\.) +(.+)$/;

/** Parses the markdown that Discord's client supports (its help, "Markdown Text 101", and "Message Formatting"). */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) blocks.push({ kind: 'lines', inner: parseInline(lines.join('\n')) });
    lines = [];
  };
  let rest = source;
  while (rest) {
    const fence = FENCE.exec(rest);
    if (fence) {
      flush();
      blocks.push({ kind: 'fence', language: fence[1] ?? '', text: fence[2]! });
      rest = rest.slice(fence[0].length);
      continue;
    }
    const end = nextBreak(rest);
    const line = rest.slice(0, end);
    rest = rest.slice(end).replace(/^\n/, '');
    const block = lineBlock(line, blocks.at(-1), lines.length === 0);
    if (block === 'merged') continue;
    if (block) {
      flush();
      blocks.push(block);
    } else lines.push(line);
  }
  flush();
  return blocks;
}

/** The end of the line, or the start of a code fence in it. */
function nextBreak(text: string): number {
  const newline = text.indexOf('\n');
  const line = newline < 0 ? text : text.slice(0, newline);
  const fence = line.indexOf('```');
  return fence > 0 && text.indexOf('```', fence + 3) > 0 ? fence : line.length;
}

function lineBlock(line: string, last: Block | undefined, adjacent: boolean): Block | 'merged' | null {
  const heading = HEADING.exec(line);
  if (heading) return { kind: 'heading', level: heading[1]!.length as 1 | 2 | 3, inner: parseInline(heading[2]!) };
  if (line.startsWith('-# ')) return { kind: 'subtext', inner: parseInline(line.slice(3)) };
  if (line.startsWith('> ')) {
    const inner = parseMarkdown(line.slice(2));
    if (!(adjacent && last?.kind === 'quote')) return { kind: 'quote', inner };
    const [before, after] = [last.inner.at(-1), inner[0]];
    if (before?.kind === 'lines' && after?.kind === 'lines')
      before.inner.push({ kind: 'text', text: '\n' }, ...after.inner);
    else last.inner.push(...inner);
    return 'merged';
  }
  const item = ITEM.exec(line);
  if (!item) return null;
  const ordered = item[1] !== undefined;
  const inner = parseInline(item[2]!);
  if (!(adjacent && last?.kind === 'list' && last.ordered === ordered))
    return { kind: 'list', ordered, items: [inner] };
  last.items.push(inner);
  return 'merged';
}

type Rule = [pattern: RegExp, read: (match: RegExpExecArray) => Inline | Inline[]];

/** The largest date (ECMAScript, "Time Values and Time Range"). */
const LAST_SECOND = 8.64e12;

/** In order: the first match at a position wins. */
const RULES: readonly Rule[] = [
  [/^\\([^0-9A-Za-z\s])/u, ([, text]) => ({ kind: 'text', text: text! })],
  [/^(`+)([\s\S]*?[^`])\1(?!`)/, ([, , text]) => ({ kind: 'code', text: text!.trim() || text! })],
  [/^<@!?(\d+)>/, ([, id]) => ({ kind: 'user', id: id! })],
  [/^<@&(\d+)>/, ([, id]) => ({ kind: 'role', id: id! })],
  [/^<#(\d+)>/, ([, id]) => ({ kind: 'channel', id: id! })],
  [/^<\/([^:>]+):(\d+)>/, ([, name, id]) => ({ kind: 'command', name: name!, id: id! })],
  [/^<(a?):(\w+):(\d+)>/, ([, a, name, id]) => ({ kind: 'emoji', name: name!, id: id!, animated: a === 'a' })],
  [
    /^<t:(-?\d+)(?::([tTdDfFR]))?>/,
    ([whole, seconds, style]) =>
      Math.abs(Number(seconds)) <= LAST_SECOND
        ? { kind: 'time', seconds: Number(seconds), style: style ?? 'f' }
        : { kind: 'text', text: whole },
  ],
  [
    /^\[((?:[^[\]\\]|\\.)+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/,
    ([, text, url]) => link(url!, parseInline(text!)),
  ],
  [/^<(https?:\/\/[^\s>]+)>/, ([, url]) => link(url!)],
  [/^https?:\/\/[^\s<]+[^\s<.,:;"')\]*_~|]/, ([url]) => link(url)],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, ([, text]) => ({ kind: 'bold', inner: parseInline(text!) })],
  [/^__([\s\S]+?)__(?!_)/, ([, text]) => ({ kind: 'underline', inner: parseInline(text!) })],
  [/^\*(?=\S)([\s\S]*?\S)\*(?!\*)/, ([, text]) => ({ kind: 'italic', inner: parseInline(text!) })],
  [/^_([\s\S]+?)_(?!\w)/, ([, text]) => ({ kind: 'italic', inner: parseInline(text!) })],
  [/^~~([\s\S]+?)~~/, ([, text]) => ({ kind: 'strike', inner: parseInline(text!) })],
  [/^\|\|([\s\S]+?)\|\|/, ([, text]) => ({ kind: 'spoiler', inner: parseInline(text!) })],
];

/** Characters at which a rule could match. */
const SPECIAL = /[\\`<[*_~|h]/;

export function parseInline(source: string): Inline[] {
  const nodes: Inline[] = [];
  let text = '';
  const flush = () => {
    if (text) nodes.push({ kind: 'text', text });
    text = '';
  };
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at);
    const inWord = /\w$/.test(text);
    const hit = SPECIAL.test(rest[0]!) && !(inWord && /^[_h]/.test(rest)) && match(rest);
    if (hit) {
      flush();
      nodes.push(...hit.nodes);
      at += hit.length;
    } else {
      text += rest[0];
      at++;
    }
  }
  flush();
  return nodes;
}

function match(rest: string): { nodes: Inline[]; length: number } | null {
  for (const [pattern, read] of RULES) {
    const found = pattern.exec(rest);
    if (found) return { nodes: [read(found)].flat(), length: found[0].length };
  }
  return null;
}

function link(url: string, inner: Inline[] = [{ kind: 'text', text: url }]): Inline {
  return { kind: 'link', url, inner };
}

const PICTURE = '\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?';
/** One emoji: a flag, a keycap, or joined pictographs. */
const EMOJI = `(?:\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3|${PICTURE}(?:\\u200D${PICTURE})*)`;
const EMOJI_ALONE = new RegExp(`^(?:${EMOJI}|\\s)*$`, 'u');
/** Most emojis that are shown large. */
const JUMBO = 30;

/** Whether it is just a few emojis, which are then shown large. */
export function isEmojiAlone(blocks: readonly Block[]): boolean {
  const [first] = blocks;
  if (blocks.length !== 1 || first?.kind !== 'lines') return false;
  const count = first.inner.reduce((sum, node) => {
    if (node.kind === 'emoji') return sum + 1;
    if (node.kind !== 'text' || !EMOJI_ALONE.test(node.text)) return Number.NaN;
    return sum + (node.text.match(new RegExp(EMOJI, 'gu'))?.length ?? 0);
  }, 0);
  return count > 0 && count <= JUMBO;
}

/** Replaces `:name:` by the emoji, as Discord's client does; unknown names stay. */
export function withEmojis(text: string, emojis: readonly { id: string; name: string; animated: boolean }[]): string {
  return text.replace(/(<a?)?:(\w{2,32}):(?!\d+>)/g, (typed, open, name) => {
    const emoji = open ? undefined : emojis.find((one) => one.name === name);
    return emoji ? `<${emoji.animated ? 'a' : ''}:${name}:${emoji.id}>` : typed;
  });
}

/** Replaces `@Ada` by a mention, as Discord's client does; if one name starts with another, the longer one wins. */
export function withMentions(text: string, users: readonly { id: string; name: string }[]): string {
  const longest = [...users].sort((one, other) => other.name.length - one.name.length);
  return text.replace(/(?<![\w@<])@(.+?)(?=@|$)/gms, (typed, rest: string) => {
    const user = longest.find(({ name }) => rest.startsWith(name) && !/^[\p{L}\p{N}_]/u.test(rest.slice(name.length)));
    return user ? `<@${user.id}>${rest.slice(user.name.length)}` : typed;
  });
}

/** The text without markdown: for notices, titles and screen readers. @param userName by user id. */
export function plainText(source: string, userName = (_id: string) => 'user'): string {
  const text = (nodes: readonly Inline[]): string =>
    nodes
      .map((node) => {
        if ('inner' in node) return text(node.inner);
        if (node.kind === 'emoji') return `:${node.name}:`;
        if (node.kind === 'user') return `@${userName(node.id)}`;
        return 'text' in node ? node.text : '';
      })
      .join('');
  const blocks = (all: readonly Block[]): string =>
    all
      .map((block) => {
        if (block.kind === 'quote') return blocks(block.inner);
        if (block.kind === 'list') return block.items.map(text).join(', ');
        return block.kind === 'fence' ? block.text : text(block.inner);
      })
      .join(' ');
  return blocks(parseMarkdown(source)).trim();
}
