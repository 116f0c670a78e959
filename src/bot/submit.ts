import { type Message, MessageFlags } from 'discord.js';
import { type Admission, admit, keepsFlagged } from './admission.js';
import type { App } from './app.js';
import { enqueue, forget, newJob } from './enqueue.js';
import type { Job, JobOrigin, PaintRequest } from './job.js';
import { type Answerable, type Place, placeOf } from './place.js';
import type { ResultRecord } from './results.js';
import { isSpoiler } from './sources.js';
import type { Told } from './told.js';

/** Tokens work for 15 minutes; a minute is kept for the upload. */
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
  await accepted;
  app.board.follow(job);
}

/** Writes the job down, then promises it: in this order, so that whatever was promised survives a crash. */
async function accept(
  app: App,
  interaction: Answerable,
  job: Job,
  parent: ResultRecord['parent'],
  admission: Admission,
): Promise<void> {
  await enqueue(app, job, admission, parent);
  try {
    const { interaction: answered } = await interaction.deferReply({
      flags: job.origin.ephemeral ? MessageFlags.Ephemeral : undefined,
      withResponse: true,
    });
    // A deferred answer comes without the message itself (documentation, "Interaction Callback Resource Object").
    if (answered.responseMessageId) await app.results.posted(job.id, answered.responseMessageId, job.origin.channelId);
  } catch (error) {
    // Nobody can be answered any more: the work would be for nothing.
    await app.jobs.cancel(job.id);
    await admission.refund();
    await forget(app, job);
    throw error;
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
    tokenExpiresAt: interaction.createdTimestamp + TOKEN_LIFETIME,
    channelId,
    guildId,
    userId,
    ...visible,
    attachmentSizeLimit: interaction.attachmentSizeLimit,
    userInstalled,
    replyTo: null,
  };
}
