import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  MessageContextMenuCommandInteraction,
  RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js';
import type { App } from '../app.js';

/** A slash command: what Discord is told of it, and what it does. */
export interface ChatCommand {
  /** Made when commands are registered: choices may depend on the models that there are. */
  data(app: Pick<App, 'models' | 'config'>): RESTPostAPIApplicationCommandsJSONBody;
  execute(app: App, interaction: ChatInputCommandInteraction): Promise<void>;
  autocomplete?(app: App, interaction: AutocompleteInteraction): Promise<void>;
}

/** All commands, by the names that Discord sends. */
export interface Commands {
  readonly chatCommands: ReadonlyMap<string, ChatCommand>;
  readonly messageCommands: ReadonlyMap<string, MessageCommand>;
}

/** An entry of a message's Apps menu. */
export interface MessageCommand {
  data(): RESTPostAPIApplicationCommandsJSONBody;
  execute(app: App, interaction: MessageContextMenuCommandInteraction): Promise<void>;
}
