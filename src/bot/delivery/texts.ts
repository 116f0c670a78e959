import { MessageFlags, TimestampStyles, time, userMention } from 'discord.js';
import { axisLabel } from '../request/axes.js';
import type { Job, JobProgress, Ticket } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { samplerTitle } from '../request/samplers.js';
import { axesOf, picturesOf } from '../request/varied.js';
import { cut, lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { isBlank, quote } from '../text/quote.js';

/** Discord shows `<t:...:R>` as "in 20 seconds" and keeps it right without edits. @param now at Discord. */
export function inSeconds(seconds: number, now: number): string {
  return time(Math.ceil(now / 1000 + seconds), TimestampStyles.RelativeTime);
}

/** Flags of an answer to one member; no address in it unfurls. */
export const QUIET = [MessageFlags.Ephemeral, MessageFlags.SuppressEmbeds] as const;

/** Characters of a message (documentation, "Create Message"). */
export const CONTENT = 2000;

/** A prompt as the first words of a message; one that nobody could see is said to be none. */
export function titled(prompt: string, t: Translate, limit?: number): string {
  return isBlank(prompt) ? `*${t('result.noWords')}*` : `**${quote(prompt, limit)}**`;
}

const BAR = 12;
/** What is left of a line that is cut shorter says nothing. */
const SHORTEST_LINE = 20;
/** A line that Discord does not trim off: a zero-width space. */
const EMPTY_LINE = '\u200b';

/** What the answer says while its job waits or is painted. @param now at Discord. */
export function progressText(job: Job, ticket: Ticket | JobProgress, t: Translate, now: number): string {
  const { secondsLeft } = ticket;
  // A line of its own, there from the first: on a phone it would wrap as soon as it is known, and move the picture below.
  const ready = secondsLeft === null ? EMPTY_LINE : t('progress.ready', { when: inSeconds(secondsLeft, now) });
  return `${titled(job.request.prompt, t)}\n${stateText(ticket, t)}\n${ready}`;
}

/** What the answer says when it cannot be kept up to date any longer. */
export function laterText(job: Job, t: Translate): string {
  return `${titled(job.request.prompt, t)}\n${t('progress.later')}`;
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
  readonly heading: string | null;
  readonly notices: readonly string[];
  /** Of its pictures, which a picture to start from may have decided. */
  readonly size: { readonly width: number; readonly height: number };
  /** Stands before everything else: for whom a message is that nobody waits for any more. */
  readonly mention?: string;
}

/** What stands above a result: the words, for whom, all that is needed to paint it again, and what its author should know. */
export function resultText(job: Job, { heading, notices, size, mention }: Telling, t: Translate): string {
  const { request, origin } = job;
  const varied = new Set<string>(axesOf(request).map(({ parameter }) => parameter));
  const strength = 'strength' in request ? request.strength : undefined;
  const facts = [
    ...(varied.has('seeds') ? [] : [t('fact.seed', { seed: request.seed })]),
    ...(varied.has('steps') ? [] : [t('fact.steps', { count: request.steps })]),
    ...(varied.has('scale') ? [] : [t('fact.scale', { scale: request.scale })]),
    ...(varied.has('sampler') ? [] : [quote(samplerTitle(request.sampler), 50)]),
    `${size.width}×${size.height}`,
    ...(strength === undefined ? [] : [t('fact.strength', { strength })]),
    quote(request.model, 100),
  ];
  const whole = [
    ...(heading ? [`-# ${heading}`] : []),
    `${titled(request.prompt, t)} ${t('result.by', { user: userMention(origin.userId) })}`,
    ...(isBlank(request.negative) ? [] : [`-# − ${quote(request.negative, 200)}`]),
    `-# ${facts.join(' · ')}`,
  ];
  const optional = [
    ...notices.map((notice) => `-# ${quote(notice, 400)}`),
    ...('dynamic' in request && request.dynamic
      ? [`-# ${quote(differences(request, t).map(numbered).join(' · '), 600)}`]
      : []),
  ];
  return fitted(`${mention ? `${mention} ` : ''}${whole.join('\n')}`, optional);
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
