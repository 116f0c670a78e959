import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { version } from '../../engine/version.js';
import type { Models } from '../models/models.js';
import { requestSchema } from '../request/paint-request.js';
import { digestsOf } from './digests.js';
import { RemotePainters } from './remote-painters.js';
import type { FitOfSides } from './wire.js';

/** What this Easel is, as bot or as painter. */
export function ownFit({ safetyChecker }: Pick<Config, 'safetyChecker'>): FitOfSides {
  return { version, schema: requestSchema(), safetyChecker };
}

/**
 * Reads what identifies the models, which can take long the first time, before anybody waits for it.
 *
 * @returns a function that connects; it throws as RemotePainters.open. @throws EaselError for a model that cannot be read.
 */
export async function remotePainters(
  url: string,
  config: Pick<Config, 'safetyChecker' | 'cache'>,
  models: Models,
  log: Logger,
): Promise<() => Promise<RemotePainters>> {
  const paths = new Map([...models.values()].map(({ name, path }) => [name, path]));
  const digests = await digestsOf(paths, config.cache);
  return () => RemotePainters.open({ url, fit: ownFit(config), models, digests, log });
}
