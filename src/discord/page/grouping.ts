import type { APIMessage } from 'discord-api-types/v10';
import { Flag } from './numbers.js';

/** Messages of one author follow each other without name and picture for so long. */
const TOGETHER = 7 * 60 * 1000;

/** Whether a message stands below the one before it without a name of its own. */
export function follows(before: APIMessage | undefined, message: APIMessage): boolean {
  if (!before || before.author.id !== message.author.id || newDay(before, message)) return false;
  if (message.interaction_metadata || message.message_reference || message.webhook_id !== before.webhook_id)
    return false;
  if (((before.flags ?? 0) ^ (message.flags ?? 0)) & Flag.Ephemeral) return false;
  return Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER;
}

/** Whether a line with the date stands above a message. */
export function newDay(before: APIMessage | undefined, { timestamp }: APIMessage): boolean {
  return !before || new Date(before.timestamp).toDateString() !== new Date(timestamp).toDateString();
}
