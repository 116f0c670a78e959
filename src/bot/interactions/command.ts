import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  MessageContextMenuCommandInteraction,
  RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js';
import type { Ask } from '../intake/ask.js';
import type { ControlOffer } from '../models/controls.js';
import type { Offer } from '../models/models.js';
import type { UpscalerOffer } from '../models/upscalers.js';

/** A slash command: its registration data, and its handler with the services it needs. */
export interface ChatCommand<Needs = unknown> {
  /** Called when commands are registered: choices may depend on the models, ControlNets and upscalers on offer. */
  data(offer: Offer & ControlOffer & UpscalerOffer): RESTPostAPIApplicationCommandsJSONBody;
  execute(needs: Needs, ask: Ask<ChatInputCommandInteraction>): Promise<void>;
  /** Also for members whom the server has blocked. */
  readonly forBlocked?: true;
  autocomplete?(needs: Needs, ask: Ask<AutocompleteInteraction>): Promise<void>;
}

/** An entry of a message's Apps menu. */
export interface MessageCommand<Needs = unknown> {
  data(): RESTPostAPIApplicationCommandsJSONBody;
  execute(needs: Needs, ask: Ask<MessageContextMenuCommandInteraction>): Promise<void>;
}

/** All commands by the names that Discord sends, and the services they need together. */
export interface Commands<Needs> {
  readonly chatCommands: ReadonlyMap<string, ChatCommand<Needs>>;
  readonly messageCommands: ReadonlyMap<string, MessageCommand<Needs>>;
}
