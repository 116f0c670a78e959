import type { APIMessage } from 'discord-api-types/v10';
import { Flag } from './numbers.js';

/** Milliseconds within which messages of one author are grouped under one name and avatar. */
const TOGETHER = 7 * 60 * 1000;

/** Whether a message is grouped with the one before it. */
export function follows(before: APIMessage | undefined, message: APIMessage): boolean {
  if (!before || before.author.id !== message.author.id || newDay(before, message)) return false;
  if (message.interaction_metadata || message.message_reference || message.webhook_id !== before.webhook_id)
    return false;
  if (((before.flags ?? 0) ^ (message.flags ?? 0)) & Flag.Ephemeral) return false;
  return Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER;
}

/** Whether a message starts a new day. */
export function newDay(before: APIMessage | undefined, { timestamp }: APIMessage): boolean {
  return !before || new Date(before.timestamp).toDateString() !== new Date(timestamp).toDateString();
}
