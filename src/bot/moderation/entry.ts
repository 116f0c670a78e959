import { channelMention, userMention } from 'discord.js';
import { titled } from '../delivery/texts.js';
import type { PaintRequest } from '../request/paint-request.js';
import { untilText } from '../rules/blocks.js';
import type { Translate } from '../text/i18n.js';
import { isBlank, quote } from '../text/quote.js';
import type { Refusal } from '../text/refusal.js';

/** What a guild's moderation log says happened. Users and channels are ids. */
export type Entry =
  | ({ readonly kind: 'asked'; readonly job: string; readonly hidden: boolean } & OfRequest)
  | ({ readonly kind: 'flagged'; readonly job: string; readonly hidden: boolean; readonly count: number } & OfRequest)
  | ({ readonly kind: 'removed'; readonly by: string } & OfRequest)
  | ({ readonly kind: 'refused'; readonly why: Refusal; readonly typed: string } & Somewhere)
  | ({ readonly kind: 'blocked'; readonly by: string; readonly until: number | null; readonly reason: string } & Of)
  | ({ readonly kind: 'unblocked'; readonly by: string } & Of);

interface Of {
  readonly user: string;
}

interface Somewhere extends Of {
  readonly channel: string;
}

interface OfRequest extends Somewhere {
  readonly request: PaintRequest;
}

/** Refusals by a guild's rules. Others are about typing errors or the state of the bot. */
const BY_RULES = [
  'words',
  'channel',
  'role',
  'rate',
  'ratePictures',
  'guildRate',
  'flagged',
  'emojiFlagged',
  'blocked',
];

export function isByRules({ key }: Refusal): boolean {
  return BY_RULES.includes(key);
}

/** Characters of a prompt, with escapes. */
const PROMPT = 300;

const SIGNS: Record<Entry['kind'], string> = {
  asked: '🖌️',
  flagged: '🙈',
  removed: '🗑️',
  refused: '🚫',
  blocked: '⛔',
  unblocked: '✅',
};

/** What an entry's line has besides the entry. */
export interface Shown {
  /** Its words stand behind a spoiler: they are from a channel for adults, and this is none. */
  readonly veiled: boolean;
  /** The address of the message, if there is one that others can see. */
  readonly link: string | null;
  /** How often it happened. */
  readonly times: number;
}

/** Entries with the same key are one line. */
export function keyOf(entry: Entry): string {
  const { kind, user } = entry;
  if (kind === 'refused') return [kind, user, entry.channel, entry.why.key, entry.typed].join();
  return 'job' in entry ? [kind, entry.job].join() : [kind, user, Math.random()].join();
}

/** An entry as a line of the log: words and a link, never a picture. */
export function lineOf(entry: Entry, t: Translate, { veiled, link, times }: Shown): string {
  const parts = [
    `${SIGNS[entry.kind]} ${sentenceOf(entry, t, (words) => (veiled ? `||${words}||` : words))}`,
    ...('hidden' in entry && entry.hidden ? [t('moderation.hidden')] : []),
    ...(link ? [t('dm.from', { link })] : []),
    ...(times > 1 ? [`×${times}`] : []),
  ];
  return parts.join(' · ');
}

function sentenceOf(entry: Entry, t: Translate, words: (text: string) => string): string {
  const user = userMention(entry.user);
  const channel = 'channel' in entry ? channelMention(entry.channel) : '';
  const prompt = 'request' in entry ? words(titled(entry.request, t, PROMPT)) : '';
  const by = 'by' in entry ? userMention(entry.by) : '';
  switch (entry.kind) {
    case 'asked':
      return t('moderation.asked', { user, channel, prompt });
    case 'flagged':
      return t('moderation.flagged', { user, channel, prompt, count: entry.count });
    case 'removed':
      return entry.by === entry.user
        ? t('moderation.removedOwn', { user, channel, prompt })
        : t('moderation.removed', { by, user, channel, prompt });
    case 'refused': {
      const said = isBlank(entry.typed) ? '' : ` ${words(`**${quote(entry.typed, PROMPT)}**`)}`;
      return `${t('moderation.refused', { user, channel, why: entry.why.text(t) })}${said}`;
    }
    case 'blocked':
      return t('moderation.blocked', { by, user, until: untilText(entry, t) });
    default:
      return t('moderation.unblocked', { by, user });
  }
}
