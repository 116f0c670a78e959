import type { MessageComponentInteraction, ModalSubmitInteraction } from 'discord.js';
import type { Ask } from '../intake/ask.js';
import { checkPlace } from '../rules/place-rules.js';
import type { Pressed, ResultRecord, Results } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';

export interface PressNeeds {
  readonly results: Results;
}

type Asked = MessageComponentInteraction | ModalSubmitInteraction;

/** What lies behind the message whose button was pressed, or null: a custom id alone may be made up. */
export function recordBehind(
  { results }: PressNeeds,
  { interaction }: { interaction: Asked },
  { job }: { job: string },
): Promise<ResultRecord | null> {
  const { user, guildId, channelId, message } = interaction;
  const press: Pressed = { userId: user.id, guildId, channelId, messageId: message?.id };
  return results.behindPress(job, press);
}

/** The result to paint from, for whoever may paint here. @throws Refusal */
export async function resultToPaintFrom(
  needs: PressNeeds,
  ask: Pick<Ask, 'place' | 'settings'> & { interaction: Asked },
  id: { job: string },
): Promise<ResultRecord> {
  const record = await recordBehind(needs, ask, id);
  if (!record) throw new Refusal('gone');
  checkPlace(await ask.settings(), ask.place);
  return record;
}
