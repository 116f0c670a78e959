import type { Attachment } from 'discord.js';
import type { App } from '../app.js';
import { type Answerable, placeOf } from '../gateway/place.js';
import { checkPlace } from '../rules/place-rules.js';
import { type Kept, keepAttachment } from './sources.js';

export type Keep = (attachment: Pick<Attachment, 'url' | 'size'>) => Promise<Kept>;

/**
 * For requests that start from uploads: nothing is fetched where the member may not paint, or they could push other
 * pictures out of the cache; and what was kept is removed again when nothing comes of the request, because no record would
 * lead to it when its owner wants it forgotten.
 *
 * @throws Refusal, as what is done with it does.
 */
export async function withUploads(
  app: App,
  interaction: Answerable,
  act: (keep: Keep) => Promise<void>,
): Promise<void> {
  checkPlace(await app.settings.of(interaction.guildId), placeOf(interaction));
  const keys: string[] = [];
  try {
    await act(async (attachment) => {
      const kept = await keepAttachment(app, attachment, interaction.user.id);
      keys.push(kept.key);
      return kept;
    });
  } catch (error) {
    for (const key of keys) await app.pictures.remove(key);
    throw error;
  }
}
