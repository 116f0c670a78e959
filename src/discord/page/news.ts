import type { APIMessage } from 'discord-api-types/v10';
import type { PageEvent, PageReaction } from '../page-protocol.js';

/** Events about a channel's messages. */
export type News = Extract<PageEvent, { t: `MESSAGE_${string}` }>;

export function isNews(event: PageEvent): event is News {
  return event.t.startsWith('MESSAGE_');
}

/**
 * A channel's messages, oldest first, after an event. Repeating an event changes nothing, except for reactions. @param
 * me the account.
 */
export function after(messages: readonly APIMessage[], { t, d }: News, me: string): readonly APIMessage[] {
  const edit = (id: string, change: (message: APIMessage) => APIMessage) =>
    messages.map((message) => (message.id === id ? change(message) : message));
  switch (t) {
    case 'MESSAGE_CREATE':
      return messages.some(({ id }) => id === d.id) ? messages : [...messages, d];
    case 'MESSAGE_UPDATE':
      return edit(d.id, () => d);
    case 'MESSAGE_DELETE':
      return messages.filter(({ id }) => id !== d.id);
    case 'MESSAGE_REACTION_ADD':
      return edit(d.message_id, (message) => reacted(message, d, 1, me));
    case 'MESSAGE_REACTION_REMOVE':
      return edit(d.message_id, (message) => reacted(message, d, -1, me));
    case 'MESSAGE_REACTION_REMOVE_ALL':
      return edit(d.message_id, (message) => ({ ...message, reactions: [] }));
  }
}

/** In the form of routes: a character, or name:id. */
export function emojiKey({ id, name }: { id?: string | null; name?: string | null }): string {
  return id ? `${name}:${id}` : (name ?? '');
}

function reacted(message: APIMessage, { user_id, emoji }: PageReaction, by: 1 | -1, me: string): APIMessage {
  const key = emojiKey(emoji);
  const before = message.reactions ?? [];
  const known = before.find((one) => emojiKey(one.emoji) === key);
  const mine = user_id === me;
  const fresh = {
    emoji,
    count: 0,
    me: false,
    me_burst: false,
    count_details: { burst: 0, normal: 0 },
    burst_colors: [],
  };
  const { count, me: had, ...rest } = known ?? fresh;
  const changed = { ...rest, count: count + by, me: mine ? by > 0 : had };
  const reactions = known ? before.map((one) => (one === known ? changed : one)) : [...before, changed];
  return { ...message, reactions: reactions.filter((one) => one.count > 0) };
}
