import type { MessageComponentInteraction, ModalSubmitInteraction } from 'discord.js';
import { type Ask, timeFor } from '../intake/ask.js';
import { within } from '../queue/within.js';
import type { JobQueue } from '../request/job.js';
import { checkPlace } from '../rules/place-rules.js';
import type { Pressed, ResultRecord, Results } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';

/** Milliseconds to wait for the record that a press is about. */
const ARRIVAL = 1500;

export interface PressNeeds {
  readonly results: Results;
  readonly jobs: Pick<JobQueue, 'arrived'>;
}

type Asked = MessageComponentInteraction | ModalSubmitInteraction;

/**
 * The record behind the message whose button was pressed, or null: a custom id alone may be forged. Discord shows a
 * result slightly earlier than its message is recorded.
 */
export async function recordBehind(
  { results, jobs }: PressNeeds,
  ask: Pick<Ask, 'deadline'> & { interaction: Asked },
  { job }: { job: string },
): Promise<ResultRecord | null> {
  const { user, guildId, channelId, message } = ask.interaction;
  const press: Pressed = { userId: user.id, guildId, channelId, messageId: message?.id };
  const found = await results.behindPress(job, press);
  if (found) return found;
  await within(jobs.arrived(job), timeFor(ask, ARRIVAL));
  return results.behindPress(job, press);
}

/** The result to paint from, if the member may paint here. @throws Refusal */
export async function resultToPaintFrom(
  needs: PressNeeds,
  ask: Pick<Ask, 'place' | 'settings' | 'deadline'> & { interaction: Asked },
  id: { job: string },
): Promise<ResultRecord> {
  const record = await recordBehind(needs, ask, id);
  if (!record) throw new Refusal('gone');
  checkPlace(await ask.settings(), ask.place);
  return record;
}
