import { MessageFlags, TimestampStyles, time, userMention } from 'discord.js';
import { axisLabel } from '../request/axes.js';
import type { Job, JobProgress, Ticket } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { axesOf, picturesOf } from '../request/varied.js';
import { cut, lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { isBlank, oneLine, quote } from '../text/quote.js';

/** Discord shows `<t:...:R>` as "in 20 seconds" and keeps it right without edits. @param now at Discord. */
export function inSeconds(seconds: number, now: number): string {
  return time(Math.ceil(now / 1000 + seconds), TimestampStyles.RelativeTime);
}

/** Flags of an answer to one member; no address in it unfurls. */
export const QUIET = [MessageFlags.Ephemeral, MessageFlags.SuppressEmbeds] as const;

/** Characters of a message (documentation, "Create Message"). */
export const CONTENT = 2000;

/** What is painted beside pictures from words, and of which picture; null where the words say it all. @param index from 1 */
export function kindText(request: PaintRequest, t: Translate, index?: number): string | null {
  switch (request.kind) {
    case 'img2img':
      return index ? t('result.varied', { index }) : t('result.variedPicture');
    case 'upscale':
      return index ? t('result.upscaled', { index }) : t('result.upscaledPicture');
    case 'inpaint':
      return t('result.inpainted');
    case 'table':
      return t('result.table', { axes: request.axes.map(({ parameter }) => t(`axis.${parameter}`)).join(' × ') });
    default:
      return null;
  }
}

/** What a request is called where there is no markdown: its words, else its kind. */
export function plainTitle(request: PaintRequest, t: Translate): string {
  return isBlank(request.prompt) ? (kindText(request, t) ?? t('result.noWords')) : oneLine(request.prompt);
}

/** The same as the first words of a message. */
export function titled(request: PaintRequest, t: Translate, limit?: number): string {
  return isBlank(request.prompt) ? `*${plainTitle(request, t)}*` : `**${quote(request.prompt, limit)}**`;
}

/** What became of a request in one sentence, below what it was. */
export function ended(request: PaintRequest, sentence: string, t: Translate): string {
  return `${titled(request, t)}\n${sentence}`;
}

const BAR = 12;
/** What is left of a line that is cut shorter says nothing. */
const SHORTEST_LINE = 20;
/** A line that Discord does not trim off: a zero-width space. */
const EMPTY_LINE = '\u200b';

/** What the answer says while its job waits or is painted. @param readyAt milliseconds since the epoch, if that is known. */
export function progressText(job: Job, ticket: Ticket | JobProgress, readyAt: number | null, t: Translate): string {
  // A line of its own, there from the first: on a phone it would wrap as soon as it is known, and move the picture below.
  const ready = readyAt === null ? EMPTY_LINE : t('progress.ready', { when: inSeconds(0, readyAt) });
  return `${titled(job.request, t)}\n${stateText(ticket, t)}\n${ready}`;
}

/** What the answer says when it cannot be kept up to date any longer. */
export function laterText(job: Job, t: Translate): string {
  return ended(job.request, t('progress.later'), t);
}

function stateText(ticket: Ticket | JobProgress, t: Translate): string {
  if ('step' in ticket) {
    const { step, total } = ticket;
    const full = Math.round((step / total) * BAR);
    return t('progress.painting', { bar: `${'▰'.repeat(full)}${'▱'.repeat(BAR - full)}`, step, total });
  }
  if (ticket.position === 0) return t('progress.starting');
  return ticket.position === 1 ? t('progress.next') : t('progress.place', { position: ticket.position });
}

/** What a result's message says of it, beside the request. */
export interface Telling {
  /** Which picture of another result it was made of, from 1. */
  readonly index?: number;
  readonly notices: readonly string[];
  /** Of its pictures, which a picture to start from may have decided. */
  readonly size: { readonly width: number; readonly height: number };
  /** Stands before everything else: for whom a message is that nobody waits for any more. */
  readonly mention?: string;
}

/**
 * What stands above a result: the words, for whom, what kind of picture it is and how large, and what its author should know.
 * How else it was made is in the picture ("How was this made?").
 */
export function resultText(
  { request, origin }: Pick<Job, 'request' | 'origin'>,
  telling: Telling,
  t: Translate,
): string {
  const { index, notices, size, mention } = telling;
  const title = titled(request, t);
  const kind = isBlank(request.prompt) && !index ? null : kindText(request, t, index);
  const optional = [
    ...notices.map((notice) => `-# ${quote(notice, 400)}`),
    ...('dynamic' in request && request.dynamic
      ? [`-# ${quote(differences(request, t).map(numbered).join(' · '), 600)}`]
      : []),
  ];
  return fitted(
    [
      mention ? `${mention} ${title}` : `${title} ${t('result.by', { user: userMention(origin.userId) })}`,
      `-# ${[...(kind ? [kind] : []), `${size.width}×${size.height}`].join(' · ')}`,
    ].join('\n'),
    optional,
  );
}

/** A message with as many of the lines as fit, the first of them first; the last one that does not is cut. */
export function fitted(start: string, lines: readonly string[]): string {
  let text = cut(start, CONTENT);
  for (const line of lines) {
    const room = CONTENT - lengthOf(text) - 1;
    if (room < SHORTEST_LINE) break;
    text += `\n${cut(line, room)}`;
  }
  return text;
}

/** In what each picture of a varied request differs from the others. */
export function differences(request: PaintRequest, t: Translate): string[] {
  const [across, down] = axesOf(request);
  if (!across) return picturesOf(request).map(({ prompt }) => prompt);
  const columns = across.values.map((value) => axisLabel(across, value, t));
  const rows = down?.values.map((value) => axisLabel(down, value, t)) ?? [''];
  return rows.flatMap((row) => columns.map((column) => [row, column].filter(Boolean).join(', ')));
}

function numbered(text: string, index: number): string {
  return `${index + 1} ${text}`;
}
