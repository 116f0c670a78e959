import { RESTJSONErrorCodes as Code, DiscordAPIError } from 'discord.js';
import type { Logger } from 'pino';
import type { Found, Results } from '../storage/results.js';

export interface RemoveNeeds {
  readonly results: Results;
  readonly log: Logger;
}

/**
 * Removes a result's message, then what is kept of it. It is marked first: what an end of the process in between leaves is
 * swept. A message that stays keeps its buttons.
 *
 * @throws whatever keeps the message there; StoreError before anything is removed.
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

/** Not when a token has ended: then the message is still there. */
function isRemoved(error: unknown): boolean {
  return error instanceof DiscordAPIError && (error.code === Code.UnknownMessage || error.code === Code.UnknownChannel);
}
