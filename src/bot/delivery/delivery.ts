import {
  InteractionWebhook,
  type Message,
  type MessageCreateOptions,
  MessageFlags,
  userMention,
  type WebhookMessageEditOptions,
} from 'discord.js';
import { ifWithinReach, isNoReply, isTooLarge, Unsendable } from '../gateway/discord-errors.js';
import { fileOf, withVeils } from '../gateway/veiled-file.js';
import { composeResult } from '../layout/compose.js';
import { FILE_LIMIT } from '../request/bounds.js';
import type { Deliver, Job, Outcome, PaintedPicture } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { isVaried } from '../request/varied.js';
import { type Pictures, pictureKey } from '../storage/pictures.js';
import type { Results } from '../storage/results.js';
import { cut } from '../text/cut.js';
import { type Translate, translateFor } from '../text/i18n.js';
import { joinedUnknown, noticeText } from '../text/notice.js';
import { quote } from '../text/quote.js';
import { resultButtons } from './components.js';
import { closeFirstAnswer } from './first-answer.js';
import { forPlace, mayShowFlagged, type PlaceNeeds } from './flagged.js';
import type { ProgressBoard } from './progress-board.js';
import { ALT_TEXT, CONTENT, ended, plainTitle, resultText } from './texts.js';

/** Most characters of an error's text, so that the rest of the message fits. */
const REASON = 1300;

/** What delivering needs. */
interface Needs extends PlaceNeeds {
  readonly board: ProgressBoard;
  readonly results: Results;
  readonly pictures: Pictures;
}

/** Where an outcome was delivered. */
interface Taken {
  readonly messageId: string;
  readonly channelId: string;
  readonly guildId: string | null;
  /** Pictures in the message. */
  readonly shown: number;
  /** The flagged ones among them, from 1. */
  readonly flagged: readonly number[];
  /** Places that were left empty, from 1. */
  readonly empty: readonly number[];
  /** In a message of its own instead of the first answer. */
  readonly late: boolean;
}

/**
 * Delivers outcomes to their authors, records where they are, and closes first answers that still show progress. What
 * was delivered is not sent again because a later step failed, and what was deleted meanwhile does not come back.
 */
export function deliverer(needs: Needs): Deliver {
  const taken = new Map<string, Taken | null>();
  return async (job, outcome, nonce) => {
    if (!taken.has(job.id)) taken.set(job.id, await bring(needs, job, outcome, nonce));
    const where = taken.get(job.id)!;
    if (!where || where.late) await closeFirstAnswer(needs, job, outcome, where);
    if (where) {
      const { messageId, channelId, shown, flagged, empty } = where;
      await needs.results.posted(job.id, messageId, channelId, shown, flagged, empty);
    }
    taken.delete(job.id);
  };
}

/**
 * Edits the deferred answer while its token works; otherwise sends a message to the channel that only mentions the
 * author, otherwise a direct message. Editing twice is harmless and sending carries a nonce, so a crash in between
 * delivers nothing twice.
 *
 * @returns null when there is nobody to tell, or no way to.
 */
async function bring(needs: Needs, job: Job, outcome: Outcome, nonce: string): Promise<Taken | null> {
  await needs.board.leave(job.id);
  // An earlier attempt may have shown it, though its answer was lost.
  if (await needs.results.isRemoved(job.id)) return null;
  const t = translateFor(job.origin.locale);
  const { attachmentSizeLimit: limit, token, ephemeral, channelId, guildId, userId } = job.origin;
  if (token) {
    const here = await asChannelMaySee(needs, job, outcome);
    const edited = await fitting(limit, async (bytes) =>
      answer(needs, job, token, await messageOf(needs, job, here, bytes, t)),
    );
    if (edited) return { messageId: edited.id, channelId, guildId, ...shownOf(job, here), late: false };
  }
  if (outcome.kind === 'cancelled' || (await needs.results.isRemoved(job.id))) return null;
  const late = <T>(what: Outcome, send: (message: MessageCreateOptions) => Promise<T>) =>
    fitting(Math.min(limit, FILE_LIMIT), async (bytes) =>
      send({
        ...(await messageOf(needs, job, what, bytes, t, userMention(userId))),
        allowedMentions: { users: [userId], repliedUser: false },
        nonce,
        enforceNonce: true,
      }),
    );
  if (!ephemeral) {
    const here = await asChannelMaySee(needs, job, outcome);
    const sent = await late(here, (message) => post(needs, job, message));
    if (sent) return { messageId: sent.id, channelId, guildId, ...shownOf(job, here), late: true };
  }
  const elsewhere = restricted(outcome, false);
  const sent = await late(elsewhere, (message) => direct(needs, job, message));
  return (
    sent && { messageId: sent.id, channelId: sent.channelId, guildId: null, ...shownOf(job, elsewhere), late: true }
  );
}

/** Bytes below which Discord's objection cannot be about the size. */
const SMALL_FILE = 2 ** 18;

/**
 * Sends with fewer and fewer bytes while Discord says they are too many: its limit may have dropped since the request.
 */
async function fitting<T>(limit: number, send: (bytes: number) => Promise<T>): Promise<T> {
  for (let bytes = limit; ; bytes = Math.min(bytes, FILE_LIMIT) / 2) {
    try {
      return await send(bytes);
    } catch (error) {
      if (!isTooLarge(error) || bytes <= SMALL_FILE) throw error;
    }
  }
}

/** Leaves out flagged pictures unless the job's channel may show them now. */
async function asChannelMaySee(needs: Needs, { origin }: Job, outcome: Outcome): Promise<Outcome> {
  const asks = outcome.kind === 'painted' && outcome.pictures.some(({ flagged, png }) => flagged && png !== null);
  return asks ? restricted(outcome, await mayShowFlagged(needs, origin.channelId)) : outcome;
}

function restricted(outcome: Outcome, mayShow: boolean): Outcome {
  return outcome.kind === 'painted' ? { ...outcome, pictures: forPlace(outcome.pictures, mayShow) } : outcome;
}

function shownOf(job: Job, outcome: Outcome): Pick<Taken, 'shown' | 'flagged' | 'empty'> {
  const all = outcome.kind === 'painted' ? laidOut(job, outcome.pictures) : [];
  // If every picture is hidden, the message only says so.
  const shown = all.some(visible) ? all : [];
  const numbers = (which: (picture: PaintedPicture) => boolean) =>
    shown.flatMap((picture, k) => (which(picture) ? [k + 1] : []));
  return {
    shown: shown.length,
    flagged: numbers((picture) => picture.flagged && visible(picture)),
    empty: numbers((picture) => !visible(picture)),
  };
}

/**
 * Whether the token still works is up to Discord, not to a clock. @returns null if it does not, or the answer is gone.
 */
function answer(
  needs: Needs,
  { origin }: Job,
  token: string,
  message: MessageCreateOptions,
): Promise<{ id: string } | null> {
  const webhook = new InteractionWebhook(needs.client, origin.applicationId, token);
  const edit = { attachments: [], ...message, content: message.content ?? null };
  return ifWithinReach(webhook.editMessage('@original', withVeils(webhook, edit as WebhookMessageEditOptions)));
}

async function post(needs: Needs, job: Job, message: MessageCreateOptions): Promise<Message | null> {
  const { channelId, userInstalled, replyTo } = job.origin;
  if (userInstalled) return null;
  const answered = replyTo ?? (await needs.results.get(job.id))?.messageId;
  const reply = answered ? { reply: { messageReference: answered, failIfNotExists: false } } : {};
  return ifWithinReach(
    (async () => {
      const channel = await needs.client.channels.fetch(channelId);
      if (!channel?.isSendable()) return null;
      const send = (options: MessageCreateOptions): Promise<Message> => channel.send(withVeils(channel, options));
      return await send({ ...message, ...reply }).catch((error) => {
        if (!isNoReply(error)) throw error;
        return send(message);
      });
    })(),
  );
}

async function direct(needs: Needs, job: Job, message: MessageCreateOptions): Promise<Message | null> {
  const sent = await ifWithinReach(
    needs.client.users.fetch(job.origin.userId).then((user) => user.send(withVeils(user, message))),
  );
  if (!sent)
    needs.log.warn(
      { job: job.id },
      'a result could not be announced: the bot may write neither in the channel nor a direct message',
    );
  return sent;
}

async function messageOf(
  needs: Needs,
  job: Job,
  outcome: Outcome,
  limit: number,
  t: Translate,
  mention?: string,
): Promise<MessageCreateOptions> {
  const { request } = job;
  const plain = (sentence: string, components: MessageCreateOptions['components'] = []): MessageCreateOptions => ({
    content: cut(`${mention ? `${mention} ` : ''}${ended(request, sentence, t)}`, CONTENT),
    components,
    files: [],
    allowedMentions: { parse: [] },
    flags: MessageFlags.SuppressEmbeds,
  });
  if (outcome.kind === 'cancelled') return plain(t('result.cancelled'));
  // What failed may succeed with another prompt or seed.
  const onward = resultButtons(job, [], t);
  if (outcome.kind === 'failed') {
    const { message, meaning, id } = outcome;
    const reason = message && quote(noticeText({ text: message, meaning }, t), REASON);
    return plain(reason ? t('result.failedBecause', { message: reason }) : t('result.failed', { id }), onward);
  }
  const flagged = outcome.pictures.filter((picture) => !visible(picture)).length;
  if (flagged === outcome.pictures.length) return plain(t('result.allFlagged'), onward);
  const shown = laidOut(job, outcome.pictures);
  const offered = shown.flatMap(({ png }, k) => (png ? [{ png, index: k + 1 }] : []));
  const kept = offered.map(({ png, index }) => needs.pictures.put(png, pictureKey(job.id, index)));
  // If the disk is full, buttons cut them out of the message's file.
  await Promise.all(kept).catch((err) =>
    needs.log.error({ job: job.id, err }, 'the pictures of a result could not be kept on disk'),
  );
  const { bytes, extension } = await composeResult(request, shown, limit, t).catch((cause) => {
    throw new Unsendable('The file of a result could not be made.', { cause });
  });
  const veiled = job.origin.spoiler || shown.some((picture) => picture.flagged && visible(picture));
  const description = cut(plainTitle(request, t), ALT_TEXT);
  const file = fileOf(bytes, { name: `${job.id}.${extension}`, description }, veiled);
  const notices = [
    ...(flagged > 0 ? [t('result.flagged', { count: flagged })] : []),
    ...joinedUnknown([...(job.notices ?? []), ...outcome.notices])
      .filter(({ meaning }) => !isSaid(request, meaning?.code))
      .map((notice) => noticeText(notice, t)),
  ];
  return {
    content: resultText(job, { index: await indexOf(needs, job), notices, size: shown[0]!, mention }, t),
    files: [file],
    components: resultButtons(
      job,
      offered.map(({ index }) => index),
      t,
    ),
    allowedMentions: { parse: [] },
    flags: MessageFlags.SuppressEmbeds,
  };
}

/**
 * Whether a notice is needless: the message already says how many are hidden, and an enlargement may be meant to
 * repaint nothing.
 */
function isSaid(request: PaintRequest, code: string | undefined): boolean {
  if (request.kind !== 'upscale') return code === 'hidden';
  return code === 'hidden' || code === 'wordsUnknown' || code === 'strengthZero';
}

/** Flagged pictures are null, unless the guild shows them in its age-restricted channels. */
function visible({ png }: PaintedPicture): boolean {
  return png !== null;
}

/**
 * The pictures as the message shows them: in a varied request, a flagged picture leaves an empty place; otherwise the
 * others close up.
 */
function laidOut({ request }: Job, pictures: readonly PaintedPicture[]): readonly PaintedPicture[] {
  return isVaried(request) ? pictures : pictures.filter(visible);
}

/** The number of the picture in another result that this one was made from. */
async function indexOf(needs: Needs, { id }: Job): Promise<number | undefined> {
  return (await needs.results.get(id))?.parent?.index;
}
