import type { Logger } from 'pino';
import type { Pictures } from '../storage/pictures.js';
import { type Drafts, draftOf } from './drafts.js';

interface Parts {
  readonly drafts: Drafts;
  readonly pictures: Pictures;
}

/** Milliseconds between sweeps. */
const INTERVAL = 5 * 60 * 1000;

/** Deletes expired drafts, and their pictures, which nothing else would find. */
export async function sweepDrafts({ drafts, pictures }: Parts): Promise<void> {
  // Listed before the drafts, so that a picture added in between is not among them.
  const before = pictures.keys().filter((key) => draftOf(key) !== null);
  const alive = await drafts.ids();
  for (const key of before) if (!alive.has(draftOf(key)!)) await pictures.remove(key);
}

/** Sweeps now and at intervals. @returns a function that stops it. */
export async function keepSweeping(parts: Parts & { readonly log: Logger }): Promise<() => void> {
  const sweep = () =>
    sweepDrafts(parts).catch((err) => parts.log.warn({ err }, 'expired previews could not be removed; trying again'));
  await sweep();
  const timer = setInterval(sweep, INTERVAL);
  return () => clearInterval(timer);
}
