import type { Client } from 'discord.js';
import { isFlagged } from '../delivery/flagged.js';
import { fetchAttachment, type PictureNeeds, pictureOf } from '../intake/sources.js';
import { picturesOf } from '../request/varied.js';
import { pictureKey } from '../storage/pictures.js';
import type { Found } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import type { Asked } from './drafts.js';

export interface SourceNeeds extends PictureNeeds {
  readonly client: Client<true>;
}

/** A picture to make an emoji from, and what it shows, if known. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly shows: string;
}

/**
 * Picture `index` (from 1) of a result. @param owner the member who asks. @throws Refusal if it does not exist, or no
 * longer does.
 */
export async function fromResult(
  needs: SourceNeeds,
  { job, record }: Found,
  index: number,
  owner: string,
): Promise<Source> {
  const count = record.shown || record.request.count;
  if (!(Number.isInteger(index) && index >= 1 && index <= count)) throw new Refusal('emojiPicture', { count });
  // A server's emojis can be seen in all of its channels, and some outside it.
  if (isFlagged(record, index)) throw new Refusal('emojiFlagged');
  const shows = (picturesOf(record.request)[index - 1] ?? record.request).prompt;
  const cached = await needs.pictures.get(pictureKey(job, index));
  if (cached) return { bytes: cached, shows };
  const channel = await needs.client.channels.fetch(record.channelId).catch(() => null);
  const message =
    channel?.isTextBased() && record.messageId
      ? await channel.messages.fetch(record.messageId).catch(() => null)
      : null;
  if (!message) throw new Refusal('emojiGone');
  const bytes = await needs.pictures.get(await pictureOf(needs, job, index, record, message, owner));
  if (!bytes) throw new Refusal('emojiGone');
  return { bytes, shows };
}

/** An attached picture; its metadata may say what it shows. @param owner the member who asks. */
export async function fromAttachment(
  needs: SourceNeeds,
  attachment: Asked['attachments'][number],
  owner: string,
): Promise<Source> {
  const bytes = await fetchAttachment(needs, attachment);
  const read = await needs.inspectors.inspect(bytes, owner);
  return { bytes, shows: read?.prompt ?? '' };
}
