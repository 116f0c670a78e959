import type { APIUser } from 'discord-api-types/v10';
import { t } from './words.js';

/** A user's displayed name. */
export function nameOf(user: Pick<APIUser, 'global_name' | 'username'> | undefined): string {
  return user ? (user.global_name ?? user.username) : t('unknown.user');
}

/** The address of a custom emoji. */
export function emojiUrl(id: string): string {
  return `/emojis/${id}.png`;
}

/** The address of a sticker. */
export function stickerUrl(id: string): string {
  return `/stickers/${id}.png`;
}

/** Up to two initials, as for a server without an icon. */
export function initialsOf(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 3)
    .join('');
}

/** Background of an avatar or server icon; white text on it has a contrast of at least 4.5:1. */
export function colourOf(id: string): string {
  const colours = ['#4752c4', '#1f7a3f', '#a8415b', '#8a5a00', '#1d6f8a', '#7a3fa0'];
  return colours[Number(BigInt(id) % BigInt(colours.length))]!;
}
