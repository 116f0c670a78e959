import { withEmojis, withMentions } from './markdown.js';
import { nameOf } from './names.js';
import type { Store } from './store.js';

/** Most characters of a message (documentation, "Create Message"). */
export const MOST_CHARACTERS = 2000;

/** A text as Discord's client sends it, with names of the server's emojis and members replaced. */
export function written(text: string, { guild }: Pick<Store, 'guild'>): string {
  const users = guild?.members.map(({ user }) => ({ id: user.id, name: nameOf(user) })) ?? [];
  return withMentions(withEmojis(text, guild?.emojis ?? []), users);
}

/**
 * An emoji as it is typed in the message box: by name if it is unique in the server. @param emoji a character or
 * name:id.
 */
export function typedEmoji(emoji: string, { guild }: Pick<Store, 'guild'>): string {
  const [name, id] = emoji.split(':');
  if (!id) return emoji;
  const unique = guild?.emojis.find((one) => one.name === name)?.id === id;
  return `${unique ? `:${name}:` : `<:${name}:${id}>`} `;
}
