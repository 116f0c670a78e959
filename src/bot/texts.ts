import { escapeMarkdown, TimestampStyles, time, userMention } from 'discord.js';
import { axisLabel } from './axes.js';
import type { Translate } from './i18n.js';
import type { Job, JobProgress, PaintRequest, Ticket } from './job.js';
import { samplerTitle } from './samplers.js';
import { picturesOf } from './varied.js';

/** Discord shows `<t:...:R>` as "in 20 seconds" and keeps it right without edits. */
export function inSeconds(seconds: number, now = Date.now()): string {
  return time(Math.ceil(now / 1000 + seconds), TimestampStyles.RelativeTime);
}

/** A prompt as it may stand in a message: on one line, its marks escaped, cut to `limit` characters. */
export function quoted(prompt: string, limit = 300): string {
  const short = prompt.length > limit ? `${prompt.slice(0, limit - 1)}…` : prompt;
  return escapeMarkdown(short.replace(/\s+/g, ' '), {
    maskedLink: true,
    heading: true,
    bulletedList: true,
    numberedList: true,
  });
}

const BAR = 12;
/** A line that Discord does not trim off: a zero-width space. */
const EMPTY_LINE = '\u200b';

/** What the answer says while its job waits or is painted. */
export function progressText(job: Job, ticket: Ticket | JobProgress, t: Translate): string {
  const { secondsLeft } = ticket;
  // A line of its own, there from the first: on a phone it would wrap as soon as it is known, and move the picture below.
  const ready = secondsLeft === null ? EMPTY_LINE : t('progress.ready', { when: inSeconds(secondsLeft) });
  return `**${quoted(job.request.prompt)}**\n${stateText(ticket, t)}\n${ready}`;
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

/** What stands above a result: the words, for whom, and all that is needed to paint it again. */
export function resultText(job: Job, heading: string | null, notices: readonly string[], t: Translate): string {
  const { request, origin } = job;
  const varied = new Set<string>(request.axes?.map(({ parameter }) => parameter));
  const facts = [
    ...(varied.has('seeds') ? [] : [t('fact.seed', { seed: request.seed })]),
    ...(varied.has('steps') ? [] : [t('fact.steps', { count: request.steps })]),
    ...(varied.has('scale') ? [] : [t('fact.scale', { scale: request.scale })]),
    ...(varied.has('sampler') ? [] : [samplerTitle(request.sampler)]),
    `${request.width}×${request.height}`,
    ...(request.strength === undefined ? [] : [t('fact.strength', { strength: request.strength })]),
    request.model,
  ];
  const negative = request.negative ? `\n-# − ${quoted(request.negative, 200)}` : '';
  return [
    ...(heading ? [`-# ${heading}`] : []),
    `**${quoted(request.prompt)}** ${t('result.by', { user: userMention(origin.userId) })}${negative}`,
    `-# ${facts.join(' · ')}`,
    ...(request.dynamic ? [`-# ${quoted(differences(request, t).map(numbered).join(' · '), 600)}`] : []),
    ...notices.map((notice) => `-# ${notice}`),
  ].join('\n');
}

/** In what each picture of a varied request differs from the others. */
export function differences(request: PaintRequest, t: Translate): string[] {
  const { axes } = request;
  if (!axes) return picturesOf(request).map(({ prompt }) => prompt);
  const [across, down] = axes;
  const columns = across!.values.map((value) => axisLabel(across!, value, t));
  const rows = down?.values.map((value) => axisLabel(down, value, t)) ?? [''];
  return rows.flatMap((row) => columns.map((column) => [row, column].filter(Boolean).join(', ')));
}

function numbered(text: string, index: number): string {
  return `${index + 1} ${text}`;
}
