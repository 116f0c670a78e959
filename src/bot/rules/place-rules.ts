import type { Place } from '../gateway/place.js';
import { Refusal } from '../text/refusal.js';
import type { Settings } from './settings.js';

/** Whether the guild lets this member use the bot here, including buttons and reactions. @throws Refusal if not. */
export function checkPlace(
  { channels, roles }: Settings,
  place: Pick<Place, 'guildId' | 'channelId' | 'parentId' | 'roles'>,
): void {
  if (!place.guildId) return;
  const here = [place.channelId, place.parentId];
  if (channels.length > 0 && !channels.some((id) => here.includes(id))) {
    const elsewhere = channels.map((id) => `<#${id}>`).join(', ');
    throw new Refusal('channel', { channels: (t) => t('refusal.channelsElsewhere', { channels: elsewhere }) });
  }
  if (roles.length > 0 && !roles.some((id) => place.roles.includes(id))) {
    throw new Refusal('role', { roles: () => roles.map((id) => `<@&${id}>`).join(', ') });
  }
}

/** Whether flagged pictures are shown here, behind a spoiler. */
export function keepsFlagged({ nsfw }: Settings, { ageRestricted }: Pick<Place, 'ageRestricted'>): boolean {
  return nsfw === 'spoiler' && ageRestricted;
}
