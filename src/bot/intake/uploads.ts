import type { Attachment } from 'discord.js';
import { checkPlace } from '../rules/place-rules.js';
import { type Ask, timeFor } from './ask.js';
import { FETCH_TIMEOUT, type KeepNeeds, type KeptUpload, keepAttachment } from './sources.js';

export type Keep = (attachment: Pick<Attachment, 'url' | 'size'>) => Promise<KeptUpload>;

/**
 * For requests that start from uploads. Nothing is downloaded where the member may not paint, because that could push
 * others' pictures out of the cache; and if no request comes of it, the uploads are deleted again, because no record
 * would lead to them when their owner's data is deleted.
 *
 * @throws Refusal, and whatever `act` throws.
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
    // One may have failed while another is still being downloaded.
    for (const kept of await Promise.allSettled(keeping)) {
      if (kept.status === 'fulfilled') await needs.pictures.remove(kept.value.key);
    }
    throw error;
  }
}
