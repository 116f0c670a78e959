/**
 * The window's current place, as in Discord's addresses: /channels/GUILD/CHANNEL[/MESSAGE], `@me` for direct messages.
 */
export interface Place {
  guild: string | null;
  channel: string | null;
  message: string | null;
}

export function placeOf(path: string): Place {
  const [, guild, channel, message] = /^\/channels\/(@me|\d+)(?:\/(\d+))?(?:\/(\d+))?\/?$/.exec(path) ?? [];
  return { guild: guild && guild !== '@me' ? guild : null, channel: channel ?? null, message: message ?? null };
}

export function pathOf({ guild, channel, message }: Place): string {
  return ['/channels', guild ?? '@me', channel, message].filter(Boolean).join('/');
}

const DISCORD = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com(\/channels\/[@\w/]+)$/;

/** The path of a link within the page: its own, or a bot's link to discord.com. */
export function localPath(url: string, origin: string): string | null {
  if (url.startsWith(`${origin}/channels/`)) return url.slice(origin.length);
  return DISCORD.exec(url)?.[1] ?? null;
}
