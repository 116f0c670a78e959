import type { CommandDraft } from './command-draft.js';
import { toOptions } from './command-options.js';
import { withEmojis } from './markdown.js';
import { takesEmojis } from './option-values.js';
import type { Store } from './store.js';

/** Sends a completed command, and shows the form if its app answers with one. */
export async function sendCommand(store: Store, { entry, values }: CommandDraft): Promise<void> {
  const files: File[] = [];
  const { application, command, label } = entry;
  const typed = new Map(values);
  for (const { name } of entry.options.filter(takesEmojis)) {
    const text = typed.get(name);
    if (typeof text === 'string') typed.set(name, withEmojis(text, store.guild?.emojis ?? []));
  }
  const options = toOptions(entry, typed, files);
  const channel = store.place.channel!;
  const answer = await store.command(
    channel,
    label,
    { type: 2, application_id: application, data: { id: command.id, type: 1, options } },
    files,
  );
  if (answer?.kind !== 'modal') return;
  const detail = { modal: answer.modal, application, channel, message: null };
  store.dispatchEvent(new CustomEvent('modal', { detail }));
}
