import { RESTJSONErrorCodes as Code, DiscordAPIError } from 'discord.js';
import type { Logger } from 'pino';
import type { Found, Results } from '../storage/results.js';

export interface RemoveNeeds {
  readonly results: Results;
  readonly log: Logger;
}

/**
 * Deletes a result's message, then its record. The record is marked first, so that the sweep finds it if the process
 * ends in between. If the message stays, it keeps its buttons.
 *
 * @throws what prevents the deletion of the message; StoreError before anything is deleted.
 */
export async function removeResult(
  { results, log }: RemoveNeeds,
  found: Found,
  removeMessage: () => Promise<unknown>,
): Promise<void> {
  const { job } = found;
  await results.removing(job);
  try {
    await removeMessage();
  } catch (error) {
    if (!isRemoved(error)) {
      await results.removing(job, false).catch((err) => log.warn({ job, err }, 'a result will lose its buttons'));
      throw error;
    }
  }
  await results
    .remove(found)
    .catch((err) => log.warn({ job, err }, 'a removed result is still in the store until the next sweep'));
}

/** Not if a token has expired: then the message is still there. */
function isRemoved(error: unknown): boolean {
  return error instanceof DiscordAPIError && (error.code === Code.UnknownMessage || error.code === Code.UnknownChannel);
}
