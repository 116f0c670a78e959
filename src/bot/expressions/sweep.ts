import type { Logger } from 'pino';
import type { Pictures } from '../storage/pictures.js';
import { type Drafts, draftOf } from './drafts.js';

interface Parts {
  readonly drafts: Drafts;
  readonly pictures: Pictures;
}

/** Milliseconds: what expires is gone this soon after. */
const INTERVAL = 5 * 60 * 1000;

/** Removes drafts that expired, and their pictures, of which nothing else would know. */
export async function sweepDrafts({ drafts, pictures }: Parts): Promise<void> {
  // Before the drafts: a picture that comes meanwhile is not among them.
  const before = pictures.keys().filter((key) => draftOf(key) !== null);
  const alive = await drafts.ids();
  for (const key of before) if (!alive.has(draftOf(key)!)) await pictures.remove(key);
}

/** Sweeps now and from time to time. @returns what ends it. */
export async function keepSweeping(parts: Parts & { readonly log: Logger }): Promise<() => void> {
  const sweep = () =>
    sweepDrafts(parts).catch((err) => parts.log.warn({ err }, 'expired previews could not be removed; trying again'));
  await sweep();
  const timer = setInterval(sweep, INTERVAL);
  return () => clearInterval(timer);
}
