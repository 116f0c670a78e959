import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import { ageRestricted } from '../gateway/place.js';
import type { PaintedPicture } from '../request/job.js';
import { keepsFlagged } from '../rules/place-rules.js';
import type { GuildSettings } from '../rules/settings.js';
import type { ResultRecord } from '../storage/results.js';

/** What looking up a channel's rules needs. */
export interface PlaceNeeds {
  readonly client: Client<true>;
  readonly settings: GuildSettings;
  readonly log: Logger;
}

/**
 * Whether flagged pictures may be shown in a channel, as it is marked and its server's rules are now: both may have
 * changed since the request. Direct messages cannot be marked, so never there. If anything cannot be looked up, the
 * answer is no.
 */
export async function mayShowFlagged({ client, settings, log }: PlaceNeeds, channelId: string): Promise<boolean> {
  try {
    const fetch = (id: string) => client.channels.fetch(id, { force: true });
    const channel = await fetch(channelId);
    if (!channel || channel.isDMBased()) return false;
    // A thread is marked through its parent.
    const marked = channel.isThread() && channel.parentId ? await fetch(channel.parentId) : channel;
    return keepsFlagged(await settings.of(channel.guildId), { ageRestricted: ageRestricted(marked) });
  } catch (err) {
    log.warn({ err, channel: channelId }, 'a flagged picture is not shown: its channel or its rules cannot be read');
    return false;
  }
}

/** The pictures without the bytes of those that must not be shown. */
export function forPlace(pictures: readonly PaintedPicture[], mayShow: boolean): readonly PaintedPicture[] {
  if (mayShow) return pictures;
  return pictures.map((picture) => (picture.flagged ? { ...picture, png: null } : picture));
}

/**
 * Whether picture `index` (from 1) of a result, or without an index any of them, was flagged. Records that do not say
 * count as flagged.
 */
export function isFlagged({ flagged, request }: ResultRecord, index?: number): boolean {
  if (flagged === undefined) return request.keepFlagged ?? false;
  return index === undefined ? flagged.length > 0 : flagged.includes(index);
}
