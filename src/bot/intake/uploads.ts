import type { Attachment } from 'discord.js';
import { checkPlace } from '../rules/place-rules.js';
import { type Ask, timeFor } from './ask.js';
import { FETCH_TIMEOUT, type KeepNeeds, type KeptUpload, keepAttachment } from './sources.js';

export type Keep = (attachment: Pick<Attachment, 'url' | 'size'>) => Promise<KeptUpload>;

/**
 * For requests that start from uploads: nothing is fetched where the member may not paint, or they could push other
 * pictures out of the cache; and what was kept is removed again when nothing comes of the request, because no record would
 * lead to it when its owner wants it forgotten.
 *
 * @throws Refusal, as what is done with it does.
 */
export async function withUploads(needs: KeepNeeds, ask: Ask, act: (keep: Keep) => Promise<void>): Promise<void> {
  checkPlace(await ask.settings(), ask.place);
  const keeping: Promise<KeptUpload>[] = [];
  try {
    await act((attachment) => {
      const kept = keepAttachment(needs, attachment, ask.place.userId, timeFor(ask, FETCH_TIMEOUT));
      keeping.push(kept);
      return kept;
    });
  } catch (error) {
    // One may have failed while another is on its way.
    for (const kept of await Promise.allSettled(keeping)) {
      if (kept.status === 'fulfilled') await needs.pictures.remove(kept.value.key);
    }
    throw error;
  }
}
