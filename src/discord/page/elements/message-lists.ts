import type { LitElement } from 'lit';
import type { Entry } from '../command-options.js';
import { EmojiCompletion, type FittingEmoji } from '../emoji-completion.js';
import { Highlight } from '../highlight.js';
import { store } from '../session.js';
import { commandEntries, fittingCommands } from '../typed-command.js';
import { COMMANDS, commandId, commandPicker } from './command-picker.js';
import { EMOJIS, emojiId, emojiList } from './emoji-list.js';

/** A list above the message's text, with one line highlighted. */
export interface Listed {
  id: string;
  /** The id of the highlighted line. */
  active: string;
  template: unknown;
  move: (step: 1 | -1) => void;
  /** Takes the highlighted line. */
  take: () => void;
  /** Closes the list; the text stays. */
  close: () => void;
}

/** The suggestions while a message is typed: commands after a slash, emojis after a colon. */
export class MessageLists {
  readonly emojis: EmojiCompletion;
  readonly #marked = new Highlight<Entry>(({ name }) => name);
  /** The text for which the list of commands was closed. */
  #closed: string | null = null;

  constructor(
    private readonly host: LitElement,
    private readonly choose: (entry: Entry) => void,
  ) {
    this.emojis = new EmojiCompletion(host, store);
  }

  /** The list for a text; null if there are no suggestions. */
  of(text: string, box: HTMLTextAreaElement | null): Listed | null {
    const commands = text === this.#closed ? [] : fittingCommands(text, () => commandEntries(store));
    return commands.length > 0 ? this.#commands(text, commands) : box && this.#emojis(text, box);
  }

  #commands(text: string, found: readonly Entry[]): Listed {
    const active = Math.max(this.#marked.placeIn(found), 0);
    return {
      id: COMMANDS,
      active: commandId(active),
      template: commandPicker(found, active, this.choose),
      move: (step) => this.#marked.move(found, step, 0),
      take: () => this.choose(found[active]!),
      close: () => {
        this.#closed = text;
        this.host.requestUpdate();
      },
    };
  }

  #emojis(text: string, box: HTMLTextAreaElement): Listed | null {
    const { active, typed } = this.emojis;
    const found = this.emojis.foundIn(text);
    if (found.length === 0) return null;
    const take = ({ text }: FittingEmoji) => this.emojis.take(box, text);
    return {
      id: EMOJIS,
      active: emojiId(active),
      template: emojiList(found, active, typed, take),
      move: (step) => this.emojis.move(step),
      take: () => take(found[active]!),
      close: () => this.emojis.close(),
    };
  }

  /** The text has changed: the first line is highlighted again. */
  anew(box?: HTMLTextAreaElement): void {
    this.#marked.clear();
    this.#closed = null;
    if (box) this.emojis.look(box);
  }
}
