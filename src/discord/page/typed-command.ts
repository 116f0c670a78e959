import { type Entry, entriesOf, find } from './command-options.js';
import type { Store } from './store.js';
import { parseTyped } from './typed-options.js';

/** The commands that may be used in the current channel. */
export function commandEntries(store: Store): Entry[] {
  const { channel } = store;
  if (!channel) return [];
  return store
    .commandsIn(channel, 1)
    .flatMap(({ application, command }) => entriesOf(command, application.id, application.bot.id, store.locale));
}

/** The commands that match the text so far. */
export function fittingCommands(text: string, entries: () => readonly Entry[]): Entry[] {
  return text.startsWith('/') && !text.includes('\n') ? find(entries(), text.slice(1).trimEnd()) : [];
}

/** `/name ` begins a command; a whole pasted line also fills its options. */
export function begunCommand(
  text: string,
  entries: () => readonly Entry[],
): { entry: Entry; values: Map<string, string> } | null {
  if (!text.startsWith('/')) return null;
  const [match] = entries()
    .flatMap((entry) => [entry.name, entry.label].map((typed) => ({ entry, typed })))
    .filter(
      ({ typed }) => text.slice(1, typed.length + 1).toLowerCase() === typed && /\s/.test(text[typed.length + 1] ?? ''),
    )
    .sort((one, other) => other.typed.length - one.typed.length);
  return match ? { entry: match.entry, values: parseTyped(match.entry, text.slice(match.typed.length + 2)) } : null;
}
