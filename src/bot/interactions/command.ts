import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  MessageContextMenuCommandInteraction,
  RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js';
import type { Ask } from '../intake/ask.js';
import type { Offer } from '../models/models.js';

/** A slash command: what Discord is told of it, and what it does with the services that it needs. */
export interface ChatCommand<Needs = unknown> {
  /** Made when commands are registered: choices may depend on the models that there are. */
  data(offer: Offer): RESTPostAPIApplicationCommandsJSONBody;
  execute(needs: Needs, ask: Ask<ChatInputCommandInteraction>): Promise<void>;
  autocomplete?(needs: Needs, ask: Ask<AutocompleteInteraction>): Promise<void>;
}

/** An entry of a message's Apps menu. */
export interface MessageCommand<Needs = unknown> {
  data(): RESTPostAPIApplicationCommandsJSONBody;
  execute(needs: Needs, ask: Ask<MessageContextMenuCommandInteraction>): Promise<void>;
}

/** All commands, by the names that Discord sends, and what all of them need together. */
export interface Commands<Needs> {
  readonly chatCommands: ReadonlyMap<string, ChatCommand<Needs>>;
  readonly messageCommands: ReadonlyMap<string, MessageCommand<Needs>>;
}
