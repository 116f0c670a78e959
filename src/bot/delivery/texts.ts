import { MessageFlags, TimestampStyles, time, userMention } from 'discord.js';
import { axisLabel } from '../request/axes.js';
import type { Job, JobProgress, Ticket } from '../request/job.js';
import { onlyEnlarges, type PaintRequest, upscalerOf } from '../request/paint-request.js';
import { axesOf, isVaried, picturesOf } from '../request/varied.js';
import { cut, lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { isBlank, oneLine, quote } from '../text/quote.js';

/** Discord shows `<t:...:R>` as "in 20 seconds" and updates it without edits. @param now by Discord's clock. */
export function inSeconds(seconds: number, now: number): string {
  return time(Math.ceil(now / 1000 + seconds), TimestampStyles.RelativeTime);
}

/** Flags of an answer to one member, without embeds of links. */
export const QUIET = [MessageFlags.Ephemeral, MessageFlags.SuppressEmbeds] as const;

/** Characters of a message (documentation, "Create Message"). */
export const CONTENT = 2000;

/** Characters of a picture's alt text (documentation, "Attachment Object"). */
export const ALT_TEXT = 1024;

/**
 * The kind of a request that does not start from words alone, and which picture it is of; otherwise null. @param index
 * from 1
 */
export function kindText(request: PaintRequest, t: Translate, index?: number): string | null {
  switch (request.kind) {
    case 'img2img':
      if (!index) return t('result.variedPicture');
      return t(request.subtle ? 'result.variedSubtly' : 'result.varied', { index });
    case 'blend':
      return t('result.blended', {
        count: request.weights.length,
        shares: sharesOf(request.weights),
        strength: request.strength,
      });
    case 'upscale':
      return index ? t('result.upscaled', { index }) : t('result.upscaledPicture');
    case 'inpaint':
      return index ? t('result.regionVaried', { index }) : t('result.inpainted');
    case 'outpaint':
      return t('result.extended', { index: index ?? 1 });
    case 'table':
      return t('result.table', { axes: request.axes.map(({ parameter }) => t(`axis.${parameter}`)).join(' × ') });
    default:
      return index && request.variation ? t('result.variedSubtly', { index }) : null;
  }
}

/** By which upscaler, and whether details were painted. */
function enlargedText(request: PaintRequest, t: Translate): string | null {
  const upscaler = upscalerOf(request);
  if (upscaler === undefined) return null;
  const key = onlyEnlarges(request) ? 'result.enlargedWith' : 'result.enlargedDetails';
  return t(key, { upscaler: quote(upscaler, 60) });
}

/** `67% + 33%`. */
function sharesOf(weights: readonly number[]): string {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => `${Math.round((100 * weight) / sum)}%`).join(' + ');
}

/** A request's title where there is no markdown: its prompt, otherwise its kind. */
export function plainTitle(request: PaintRequest, t: Translate): string {
  return isBlank(request.prompt) ? (kindText(request, t) ?? t('result.noWords')) : oneLine(request.prompt);
}

/** What picture `index` (from 1) of a result shows, for people who cannot see it. */
export function altText(request: PaintRequest, index: number, t: Translate): string {
  const own = isVaried(request) ? differences(request, t)[index - 1] : undefined;
  const title = plainTitle(request, t);
  // The alternative of a varied prompt is a prompt itself; a place in a table says nothing without one.
  const text = own === undefined ? title : request.kind === 'table' ? `${title} · ${oneLine(own)}` : oneLine(own);
  return cut(text, ALT_TEXT);
}

/** The same as the start of a message. */
export function titled(request: PaintRequest, t: Translate, limit?: number): string {
  return isBlank(request.prompt) ? `*${plainTitle(request, t)}*` : `**${quote(request.prompt, limit)}**`;
}

/** How a request ended, in one sentence below its title. */
export function ended(request: PaintRequest, sentence: string, t: Translate): string {
  return `${titled(request, t)}\n${sentence}`;
}

const BAR = 12;
/** A line cut to fewer characters than this says nothing. */
const SHORTEST_LINE = 20;
/** A zero-width space: a line that Discord does not trim. */
const EMPTY_LINE = '\u200b';

/** The answer's text while its job waits or is painted. @param readyAt milliseconds since the epoch, if known. */
export function progressText(job: Job, ticket: Ticket | JobProgress, readyAt: number | null, t: Translate): string {
  // On a line of its own that is there from the start: on a phone it would otherwise wrap once it is known, and move
  // the picture below.
  const ready = readyAt === null ? EMPTY_LINE : t('progress.ready', { when: inSeconds(0, readyAt) });
  return `${titled(job.request, t)}\n${stateText(ticket, t)}\n${ready}`;
}

/** The answer's text when it can no longer be updated. */
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

/** What a result's message says about it, besides the request. */
export interface Telling {
  /** The number, from 1, of the picture it was made from, in another result. */
  readonly index?: number;
  readonly notices: readonly string[];
  /** The size of its pictures, which may depend on the picture it started from. */
  readonly size: { readonly width: number; readonly height: number };
  /** Comes first, to mention an author who is no longer waiting for the message. */
  readonly mention?: string;
}

/**
 * The text above a result: the prompt, whom it is for, the kind and size of the pictures, and the notices for its
 * author. The other settings are in the picture ("How was this made?").
 */
export function resultText(
  { request, origin }: Pick<Job, 'request' | 'origin'>,
  telling: Telling,
  t: Translate,
): string {
  const { index, notices, size, mention } = telling;
  const title = titled(request, t);
  const kind = isBlank(request.prompt) && !index ? null : kindText(request, t, index);
  const { control, tile } = request;
  const steered = control && t('result.steered', { control: t(`control.${control.kind}`) });
  const joins = tile && (tile === 'both' ? t('result.tile') : `${t('result.tile')}: ${t(`tile.${tile}`)}`);
  const facts = [kind, enlargedText(request, t), steered, joins, `${size.width}×${size.height}`].filter(Boolean);
  const optional = [
    ...notices.map((notice) => `-# ${quote(notice, 400)}`),
    ...(request.kind !== 'table' && isVaried(request)
      ? [`-# ${quote(differences(request, t).map(numbered).join(' · '), 600)}`]
      : []),
  ];
  return fitted(
    [
      mention ? `${mention} ${title}` : `${title} ${t('result.by', { user: userMention(origin.userId) })}`,
      `-# ${facts.join(' · ')}`,
    ].join('\n'),
    optional,
  );
}

/** A message with as many lines as fit, from the first; the first that does not fit is cut. */
export function fitted(start: string, lines: readonly string[]): string {
  let text = cut(start, CONTENT);
  for (const line of lines) {
    const room = CONTENT - lengthOf(text) - 1;
    if (room < SHORTEST_LINE) break;
    text += `\n${cut(line, room)}`;
  }
  return text;
}

/** For each picture of a varied request, how it differs from the others. */
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
