import type { App } from '../app.js';
import { draftOf } from './drafts.js';

/** Milliseconds: what expires is gone this soon after. */
const INTERVAL = 5 * 60 * 1000;

/** Removes drafts that expired, and their pictures, of which nothing else would know. */
export async function sweepDrafts({ drafts, pictures }: Pick<App, 'drafts' | 'pictures'>): Promise<void> {
  // Before the drafts: a picture that comes meanwhile is not among them.
  const before = pictures.keys().filter((key) => draftOf(key) !== null);
  const alive = await drafts.ids();
  for (const key of before) if (!alive.has(draftOf(key)!)) await pictures.remove(key);
}

/** Sweeps now and from time to time. @returns what ends it. */
export async function keepSweeping(parts: Pick<App, 'drafts' | 'pictures' | 'log'>): Promise<() => void> {
  const sweep = () =>
    sweepDrafts(parts).catch((err) => parts.log.warn({ err }, 'expired previews could not be removed; trying again'));
  await sweep();
  const timer = setInterval(sweep, INTERVAL);
  return () => clearInterval(timer);
}
