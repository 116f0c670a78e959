import { type Message, MessageFlags } from 'discord.js';
import type { ProgressBoard } from '../delivery/progress-board.js';
import { verdict } from '../gateway/discord-errors.js';
import type { Answerable, Place } from '../gateway/place.js';
import type { Job, JobOrigin } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { ResultRecord } from '../storage/results.js';
import type { Notice } from '../text/notice.js';
import type { Admission } from './admission.js';
import type { Ask } from './ask.js';
import { type AdmittedNeeds, admittedJob, type EnqueueNeeds, enqueue, undo } from './enqueue.js';
import { isSpoiler } from './sources.js';

/**
 * Tokens work for 15 minutes; one minute is left for the last edit. Counted from now on this machine, whose clock may
 * differ from Discord's.
 */
const TOKEN_LIFETIME = 14 * 60 * 1000;

export type SubmitNeeds = AdmittedNeeds & EnqueueNeeds & { readonly board: ProgressBoard };

export interface SubmitOptions {
  ephemeral?: boolean;
  spoiler?: boolean;
  parent?: ResultRecord['parent'];
  /** Notices for the author. */
  notices?: readonly Notice[];
}

/** What is made from a message's pictures is as hidden as they are. */
export function visibilityOf({ flags, attachments }: Message): SubmitOptions {
  return { ephemeral: flags.has(MessageFlags.Ephemeral), spoiler: attachments.some(isSpoiler) };
}

/**
 * Takes a request to the queue: it is refused before anything is acknowledged, or saved, acknowledged and shown with
 * its position.
 *
 * @throws Refusal
 */
export async function submit(
  needs: SubmitNeeds,
  ask: Ask,
  asked: PaintRequest,
  options: SubmitOptions = {},
): Promise<void> {
  const { ephemeral = false, spoiler = false, parent, notices = [] } = options;
  const { interaction, place } = ask;
  const settings = await ask.settings();
  const { language } = settings;
  // The guild's language is for messages that everybody sees.
  const locale = (!ephemeral && language) || interaction.locale;
  const origin = originOf(interaction, place, { ephemeral, spoiler, locale });
  const { job, admission } = await admittedJob(needs, { place, settings, origin }, asked, notices);
  const accepted = accept(needs, interaction, job, parent, admission);
  needs.board.expect(job.id, accepted);
  const known = await accepted;
  const posted = (messageId: string) => needs.results.posted(job.id, messageId, job.origin.channelId);
  needs.board.follow(job, known ? null : posted);
}

/**
 * Saves the job, then acknowledges it: in this order, so that everything acknowledged survives a crash.
 *
 * @returns whether the answer's message is recorded.
 */
async function accept(
  needs: EnqueueNeeds,
  interaction: Answerable,
  job: Job,
  parent: ResultRecord['parent'],
  admission: Admission,
): Promise<boolean> {
  await enqueue(needs, job, admission, parent);
  let message: string | null = null;
  try {
    const { interaction: answered } = await interaction.deferReply({
      flags: job.origin.ephemeral ? MessageFlags.Ephemeral : undefined,
      withResponse: true,
    });
    // The response to a deferred answer has no message, only its id (documentation, "Interaction Callback Resource
    // Object").
    message = answered.responseMessageId;
  } catch (error) {
    if (verdict(error) !== 'retry') {
      // Discord refused, so the work would be for nothing. If the job is already done, its result is delivered in
      // another way.
      if (await needs.jobs.cancel(job.id)) await undo(needs, job, admission);
      throw error;
    }
    // It may have been acknowledged. If not, the result comes as a message.
    needs.log.warn({ job: job.id, err: error }, 'Discord did not confirm the first answer; the job goes on');
  }
  if (!message) return false;
  try {
    await needs.results.posted(job.id, message, job.origin.channelId);
    return true;
  } catch (err) {
    // It has been acknowledged, and that cannot be undone.
    needs.log.warn({ job: job.id, err }, 'the message of a request could not be recorded');
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
