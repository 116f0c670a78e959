import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import { ageRestricted } from '../gateway/place.js';
import type { PaintedPicture } from '../request/job.js';
import { keepsFlagged } from '../rules/place-rules.js';
import type { GuildSettings } from '../rules/settings.js';
import type { ResultRecord } from '../storage/results.js';

/** What finding out about a channel takes. */
export interface PlaceNeeds {
  readonly client: Client<true>;
  readonly settings: GuildSettings;
  readonly log: Logger;
}

/**
 * Whether pictures that the safety checker found may be shown in a channel as its mark and its server's rules are at this
 * moment: what held when they were asked for may have changed. Direct messages have no mark, so they never get one.
 * Whatever cannot be found out is no.
 */
export async function mayShowFlagged({ client, settings, log }: PlaceNeeds, channelId: string): Promise<boolean> {
  try {
    const fetch = (id: string) => client.channels.fetch(id, { force: true });
    const channel = await fetch(channelId);
    if (!channel || channel.isDMBased()) return false;
    // A thread's mark is its parent's.
    const marked = channel.isThread() && channel.parentId ? await fetch(channel.parentId) : channel;
    return keepsFlagged(await settings.of(channel.guildId), { ageRestricted: ageRestricted(marked) });
  } catch (err) {
    log.warn({ err, channel: channelId }, 'a flagged picture is not shown: its channel or its rules cannot be read');
    return false;
  }
}

/** As they may leave for a place: without the bytes of those that may not. */
export function forPlace(pictures: readonly PaintedPicture[], mayShow: boolean): readonly PaintedPicture[] {
  if (mayShow) return pictures;
  return pictures.map((picture) => (picture.flagged ? { ...picture, png: null } : picture));
}

/** Whether picture `index` (from 1) of a result, or without one any of them, was found. A record that does not say is not trusted. */
export function isFlagged({ flagged, request }: ResultRecord, index?: number): boolean {
  if (flagged === undefined) return request.keepFlagged ?? false;
  return index === undefined ? flagged.length > 0 : flagged.includes(index);
}
