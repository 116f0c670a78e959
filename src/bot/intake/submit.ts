import { type Message, MessageFlags } from 'discord.js';
import type { App } from '../app.js';
import { verdict } from '../gateway/discord-errors.js';
import { type Answerable, type Place, placeOf } from '../gateway/place.js';
import type { Job, JobOrigin } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { keepsFlagged } from '../rules/place-rules.js';
import type { ResultRecord } from '../storage/results.js';
import type { Told } from '../text/told.js';
import { type Admission, admit } from './admission.js';
import { enqueue, newJob, undo } from './enqueue.js';
import { isSpoiler } from './sources.js';

/**
 * Tokens work for 15 minutes; a minute is kept for the last edit. Counted from here and now: this machine's clock need not
 * be Discord's.
 */
const TOKEN_LIFETIME = 14 * 60 * 1000;

export interface Wishes {
  ephemeral?: boolean;
  spoiler?: boolean;
  parent?: ResultRecord['parent'];
  /** What the author is to know about their request. */
  notices?: readonly Told[];
}

/** What comes of a message's pictures is as hidden as they are. */
export function wishesOf({ flags, attachments }: Message): Wishes {
  return { ephemeral: flags.has(MessageFlags.Ephemeral), spoiler: attachments.some(isSpoiler) };
}

/**
 * From a request to a place in the queue: refused before anything is acknowledged, else persisted, acknowledged and told
 * where it stands.
 *
 * @throws Refusal
 */
export async function submit(
  app: App,
  interaction: Answerable,
  request: PaintRequest,
  wishes: Wishes = {},
): Promise<void> {
  const { ephemeral = false, spoiler = false, parent, notices = [] } = wishes;
  const place = placeOf(interaction);
  const admission = await admit(app, place, request);
  const { language } = admission.settings;
  const keepFlagged = keepsFlagged(admission.settings, place);
  // The guild's language is for what everybody sees.
  const locale = (!ephemeral && language) || interaction.locale;
  const job = newJob(
    { ...request, prompt: request.prompt.trim(), keepFlagged },
    originOf(interaction, place, { ephemeral, spoiler, locale }),
    notices,
  );
  const accepted = accept(app, interaction, job, parent, admission);
  app.board.expect(job.id, accepted);
  const known = await accepted;
  const posted = (messageId: string) => app.results.posted(job.id, messageId, job.origin.channelId);
  app.board.follow(job, known ? null : posted);
}

/**
 * Writes the job down, then promises it: in this order, so that whatever was promised survives a crash.
 *
 * @returns whether it is written down which message answers.
 */
async function accept(
  app: App,
  interaction: Answerable,
  job: Job,
  parent: ResultRecord['parent'],
  admission: Admission,
): Promise<boolean> {
  await enqueue(app, job, admission, parent);
  let message: string | null = null;
  try {
    const { interaction: answered } = await interaction.deferReply({
      flags: job.origin.ephemeral ? MessageFlags.Ephemeral : undefined,
      withResponse: true,
    });
    // A deferred answer comes without the message itself (documentation, "Interaction Callback Resource Object").
    message = answered.responseMessageId;
  } catch (error) {
    if (verdict(error) !== 'retry') {
      // Discord's own no: the work would be for nothing. What is done already is delivered in another way.
      if (await app.jobs.cancel(job.id)) await undo(app, job, admission);
      throw error;
    }
    // It may have been promised. If it was not, the result comes as a message.
    app.log.warn({ job: job.id, err: error }, 'whether Discord has the first answer is not known; the job goes on');
  }
  if (!message) return false;
  try {
    await app.results.posted(job.id, message, job.origin.channelId);
    return true;
  } catch (err) {
    // It is promised, and nothing takes that back.
    app.log.warn({ job: job.id, err }, 'which message answers a request could not be written down');
    return false;
  }
}

function originOf(
  interaction: Answerable,
  { channelId, guildId, userId, userInstalled }: Place,
  visible: Pick<JobOrigin, 'ephemeral' | 'spoiler' | 'locale'>,
): JobOrigin {
  return {
    applicationId: interaction.applicationId,
    token: interaction.token,
    tokenExpiresAt: Date.now() + TOKEN_LIFETIME,
    channelId,
    guildId,
    userId,
    ...visible,
    attachmentSizeLimit: interaction.attachmentSizeLimit,
    userInstalled,
    replyTo: null,
  };
}
