import { type Client, type Message, messageLink } from 'discord.js';
import { isFlagged } from '../delivery/flagged.js';
import { ifWithinReach } from '../gateway/discord-errors.js';
import { isSpoiler } from '../intake/sources.js';
import { IN_THUMBNAIL, thumbnail } from '../layout/thumbnail.js';
import { type Pictures, pictureKey } from '../storage/pictures.js';
import type { Found, ResultRecord } from '../storage/results.js';

export interface TileNeeds {
  readonly client: Client<true>;
  readonly pictures: Pictures;
}

/** What is shown of a result: a small picture to upload, or the address of its own; or why there is none. */
export type Tile =
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly spoiler: boolean }
  | { readonly kind: 'url'; readonly url: string; readonly spoiler: boolean }
  | { readonly kind: 'flagged' | 'away' };

/** @param mayShow whether flagged pictures are shown here. @param side of the small picture, in pixels. */
export async function tileOf(needs: TileNeeds, found: Found, mayShow: boolean, side: number): Promise<Tile> {
  const { job, record } = found;
  const shown = numbersOf(record);
  const allowed = shown.filter((k) => mayShow || !isFlagged(record, k));
  if (allowed.length === 0) return { kind: 'flagged' };
  // Records of earlier versions do not say.
  let message: Message | null | undefined;
  if (record.spoiler === undefined) message = await messageOf(needs, record);
  const spoiler = record.spoiler ?? (message?.attachments.some(isSpoiler) || isFlagged(record));
  const cached = await cachedOf(needs.pictures, job, allowed.slice(0, IN_THUMBNAIL));
  if (cached) return { kind: 'file', bytes: await thumbnail(cached, side), spoiler: spoiler || isFlagged(record) };
  // The message's own file has all of them.
  if (allowed.length < shown.length) return { kind: 'flagged' };
  const [file] = [...((message ?? (await messageOf(needs, record)))?.attachments.values() ?? [])];
  return file ? { kind: 'url', url: file.url, spoiler: spoiler || isSpoiler(file) } : { kind: 'away' };
}

/** The numbers, from 1, of a result's pictures. */
export function numbersOf({ shown, request, empty = [] }: ResultRecord): number[] {
  return Array.from({ length: shown || request.count }, (_, k) => k + 1).filter((k) => !empty.includes(k));
}

/** The message that shows a result, as it is now; null if it is gone, or only its author can see it. */
export async function messageOf(
  { client }: Pick<TileNeeds, 'client'>,
  { channelId, messageId, hidden }: ResultRecord,
): Promise<Message | null> {
  if (hidden || messageId === null) return null;
  const channel = await ifWithinReach(client.channels.fetch(channelId));
  return channel?.isTextBased() ? ifWithinReach(channel.messages.fetch(messageId)) : null;
}

/** The link to it; null for what only its author can see, because that leads nowhere after a while. */
export function linkTo({ channelId, messageId, guildId, hidden }: ResultRecord): string | null {
  return hidden || messageId === null ? null : messageLink(channelId, messageId, guildId ?? '@me');
}

async function cachedOf(pictures: Pictures, job: string, indexes: readonly number[]): Promise<Uint8Array[] | null> {
  const found: Uint8Array[] = [];
  for (const index of indexes) {
    const bytes = await pictures.get(pictureKey(job, index));
    if (!bytes) return null;
    found.push(bytes);
  }
  return found;
}
