import type { APIMessage } from 'discord-api-types/v10';
import { Flag } from './numbers.js';

export function isLoading({ flags }: APIMessage): boolean {
  return ((flags ?? 0) & Flag.Loading) !== 0;
}

/**
 * Answers that an app is still working on. Progress keeps a message's actions, such as to cancel; the result replaces
 * them.
 */
export class Awaited {
  /** By message; null while the app is thinking. */
  readonly #actions = new Map<string, string | null>();

  /** Handles a new message. */
  begin(message: APIMessage): void {
    if (isLoading(message)) this.#actions.set(message.id, null);
  }

  /** Handles an edit. @returns whether to announce it: the first text after thinking, or the result. */
  tells(message: APIMessage): boolean {
    const before = this.#actions.get(message.id);
    const now = actionsOf(message.components ?? []).join(' ');
    if (before === undefined || before === now || isLoading(message)) return false;
    if (before === null) this.#actions.set(message.id, now);
    else this.#actions.delete(message.id);
    return true;
  }
}

function actionsOf(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const own = 'custom_id' in part ? [String(part.custom_id)] : [];
  return [...own, ...Object.values(part).flatMap(actionsOf)];
}
