import {
  AttachmentBuilder,
  InteractionWebhook,
  type Message,
  type MessageCreateOptions,
  MessageFlags,
  userMention,
} from 'discord.js';
import type { App } from './app.js';
import { FILE_LIMIT } from './bounds.js';
import { resultButtons } from './components.js';
import { composeResult } from './compose.js';
import { cut } from './cut.js';
import { isForbidden, isGone, isNoReply } from './discord-errors.js';
import { forPlace, mayShowFlagged } from './flagged.js';
import { type Translate, translateFor } from './i18n.js';
import type { Job, Outcome, PaintedPicture } from './job.js';
import { isBlank, oneLine, quote } from './quote.js';
import { CONTENT, resultText } from './texts.js';
import { inWords } from './told.js';
import { isVaried } from './varied.js';

/** Alt text that Discord takes. */
const ALT_TEXT = 1024;

/**
 * Brings an outcome to its author: into the deferred answer while its token works, else as a message in the channel that
 * mentions nobody but them, else as a direct message. Editing twice changes nothing, and sending carries a nonce, so that
 * a crash in between delivers nothing twice.
 */
export async function deliver(app: App, job: Job, outcome: Outcome, nonce: string): Promise<void> {
  await app.board.leave(job.id);
  const t = translateFor(job.origin.locale);
  const limit = job.origin.attachmentSizeLimit;
  const posted = (what: Outcome) => noteOn(app, job, what);
  if (mayAnswer(job)) {
    const here = await asChannelMaySee(app, job, outcome);
    if (await answer(app, job, await messageOf(app, job, here, limit, t), posted(here))) return;
  }
  if (outcome.kind === 'cancelled') return;
  const late = async (what: Outcome): Promise<MessageCreateOptions> => ({
    ...(await messageOf(app, job, what, Math.min(limit, FILE_LIMIT), t, userMention(job.origin.userId))),
    allowedMentions: { users: [job.origin.userId], repliedUser: false },
    nonce,
    enforceNonce: true,
  });
  if (!job.origin.ephemeral) {
    const here = await asChannelMaySee(app, job, outcome);
    if (await post(app, job, await late(here), posted(here))) return;
  }
  const elsewhere = restricted(outcome, false);
  await direct(app, job, await late(elsewhere), posted(elsewhere));
}

/** Flagged pictures stay behind unless the job's channel may show them now. */
async function asChannelMaySee(app: App, { origin }: Job, outcome: Outcome): Promise<Outcome> {
  const asks = outcome.kind === 'painted' && outcome.pictures.some(({ flagged, png }) => flagged && png.length > 0);
  return asks ? restricted(outcome, await mayShowFlagged(app, origin.channelId)) : outcome;
}

function restricted(outcome: Outcome, mayShow: boolean): Outcome {
  return outcome.kind === 'painted' ? { ...outcome, pictures: forPlace(outcome.pictures, mayShow) } : outcome;
}

/** Notes which message shows what. */
function noteOn(app: App, job: Job, outcome: Outcome): Posted {
  const shown = outcome.kind === 'painted' ? laidOut(job, outcome.pictures) : [];
  const flagged = shown.flatMap((picture, k) => (picture.flagged && visible(picture) ? [k + 1] : []));
  return (id, channelId) => app.results.posted(job.id, id, channelId, shown.length, flagged);
}

function mayAnswer({ origin: { token, tokenExpiresAt } }: Job): boolean {
  return token !== '' && Date.now() <= tokenExpiresAt;
}

type Posted = (messageId: string, channelId: string) => Promise<void>;

async function answer(app: App, job: Job, message: MessageCreateOptions, posted: Posted): Promise<boolean> {
  const { applicationId, token } = job.origin;
  const webhook = new InteractionWebhook(app.client, applicationId, token);
  try {
    const { id } = await webhook.editMessage('@original', {
      attachments: [],
      ...message,
      content: message.content ?? null,
    } as never);
    await posted(id, job.origin.channelId);
    return true;
  } catch (error) {
    if (isGone(error) || isForbidden(error)) return false;
    throw error;
  }
}

async function post(app: App, job: Job, message: MessageCreateOptions, posted: Posted): Promise<boolean> {
  const { channelId, userInstalled, replyTo } = job.origin;
  if (userInstalled) return false;
  try {
    const channel = await app.client.channels.fetch(channelId);
    if (!channel?.isSendable()) return false;
    const answered = replyTo ?? (await app.results.get(job.id))?.messageId;
    const reply = answered ? { reply: { messageReference: answered, failIfNotExists: false } } : {};
    const send = (options: MessageCreateOptions): Promise<Message> => channel.send(options);
    const { id } = await send({ ...message, ...reply }).catch((error) => {
      if (!isNoReply(error)) throw error;
      return send(message);
    });
    await posted(id, channel.id);
    return true;
  } catch (error) {
    if (isGone(error) || isForbidden(error)) return false;
    throw error;
  }
}

async function direct(app: App, job: Job, message: MessageCreateOptions, posted: Posted): Promise<void> {
  try {
    const user = await app.client.users.fetch(job.origin.userId);
    const { id, channelId } = await user.send(message);
    await posted(id, channelId);
  } catch (error) {
    if (!isGone(error) && !isForbidden(error)) throw error;
    app.log.warn({ job: job.id, err: error }, 'nobody could be told: channel and direct messages are closed');
  }
}

async function messageOf(
  app: App,
  job: Job,
  outcome: Outcome,
  limit: number,
  t: Translate,
  mention?: string,
): Promise<MessageCreateOptions> {
  const plain = (content: string): MessageCreateOptions => ({
    content: cut(mention ? `${mention} ${content}` : content, CONTENT),
    components: [],
    files: [],
    allowedMentions: { parse: [] },
    flags: MessageFlags.SuppressEmbeds,
  });
  if (outcome.kind === 'cancelled') return plain(t('result.cancelled'));
  if (outcome.kind === 'failed') {
    return plain(
      outcome.message
        ? t('result.failedBecause', {
            message: quote(inWords({ text: outcome.message, meaning: outcome.meaning }, t), 1500),
          })
        : t('result.failed', { id: outcome.id }),
    );
  }
  const flagged = outcome.pictures.filter((picture) => !visible(picture)).length;
  if (flagged === outcome.pictures.length) return plain(t('result.allFlagged'));
  const shown = laidOut(job, outcome.pictures);
  const offered = shown.flatMap((picture, k) => (visible(picture) ? [k + 1] : []));
  await Promise.all(offered.map((index) => app.pictures.put(shown[index - 1]!.png, pictureKey(job.id, index))));

  const { bytes, extension } = await composeResult(job.request, shown, limit, t);
  const file = new AttachmentBuilder(bytes, {
    name: `${job.origin.spoiler || shown.some((picture) => picture.flagged && visible(picture)) ? 'SPOILER_' : ''}${job.id}.${extension}`,
    description: isBlank(job.request.prompt) ? undefined : cut(oneLine(job.request.prompt), ALT_TEXT),
  });
  const notices = [
    ...(flagged > 0 ? [t('result.flagged', { count: flagged })] : []),
    ...[...(job.notices ?? []), ...outcome.notices]
      .filter(({ meaning }) => meaning?.code !== 'hidden')
      .map((notice) => inWords(notice, t)),
  ];
  return {
    content: resultText(job, { heading: await heading(app, job, t), notices, size: shown[0]!, mention }, t),
    files: [file],
    components: resultButtons(job, offered, t),
    allowedMentions: { parse: [] },
    flags: MessageFlags.SuppressEmbeds,
  };
}

/** Flagged pictures have no bytes, unless the guild wants them in its age-restricted channels. */
function visible({ png }: PaintedPicture): boolean {
  return png.length > 0;
}

/** What the message shows: in a varied request a flagged picture leaves its place empty, else the others close up. */
function laidOut({ request }: Job, pictures: readonly PaintedPicture[]): readonly PaintedPicture[] {
  return isVaried(request) ? pictures : pictures.filter(visible);
}

async function heading(app: App, job: Job, t: Translate): Promise<string | null> {
  const { kind } = job.request;
  const index = (await app.results.get(job.id))?.parent?.index;
  if (kind === 'upscale') return index ? t('result.upscaled', { index }) : null;
  if (kind === 'img2img') return index ? t('result.varied', { index }) : t('result.variedPicture');
  return null;
}

/** Where picture `index` (from 1) of a job is cached. */
export function pictureKey(job: string, index: number): string {
  return `${job}-${index}.png`;
}
