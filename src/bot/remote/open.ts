import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { version } from '../../engine/version.js';
import type { Models } from '../models/models.js';
import { requestSchema } from '../request/paint-request.js';
import { RemotePainters } from './remote-painters.js';
import { weightsThere } from './weights-there.js';
import type { FitOfSides } from './wire.js';

/** What this Easel is, as bot or as painter. */
export function ownFit({ safetyChecker }: Pick<Config, 'safetyChecker'>): FitOfSides {
  return { version, schema: requestSchema(), safetyChecker };
}

/**
 * Reads what identifies the weights, which can take long the first time, before anybody waits for it.
 *
 * @returns a function that connects; it throws as RemotePainters.open. @throws EaselError for weights that cannot be read.
 */
export async function remotePainters(
  url: string,
  config: Pick<Config, 'safetyChecker' | 'cache' | 'modelsDir'>,
  models: Models,
  log: Logger,
): Promise<() => Promise<RemotePainters>> {
  const paths = new Map([...models.values()].map(({ name, path }) => [name, path]));
  const digests = await weightsThere(config, paths);
  return () => RemotePainters.open({ url, fit: ownFit(config), models, digests, log });
}
