import type { APIUser } from 'discord-api-types/v10';
import { t } from './words.js';

/** As Discord shows a user. */
export function nameOf(user: Pick<APIUser, 'global_name' | 'username'> | undefined): string {
  return user ? (user.global_name ?? user.username) : t('unknown.user');
}

/** Where the local Discord serves a custom emoji. */
export function emojiUrl(id: string): string {
  return `/emojis/${id}.png`;
}

/** Where the local Discord serves a sticker. */
export function stickerUrl(id: string): string {
  return `/stickers/${id}.png`;
}

/** Up to two initials, as on a server without an icon. */
export function initialsOf(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 3)
    .join('');
}

/** Background of an avatar or server icon; white text on it is readable (4.5:1). */
export function colourOf(id: string): string {
  const colours = ['#4752c4', '#1f7a3f', '#a8415b', '#8a5a00', '#1d6f8a', '#7a3fa0'];
  return colours[Number(BigInt(id) % BigInt(colours.length))]!;
}
