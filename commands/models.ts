import { MessageFlags } from 'discord.js';
import { slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type ModelsNeeds, modelsMessage } from '../src/bot/interactions/models-menu.js';

/** /models: the models with their size and speed, where the server's managers choose its default. */
export const models: ChatCommand<ModelsNeeds> = {
  data: () => slashCommand('models').toJSON(),

  async execute(needs, ask) {
    const message = modelsMessage(needs, ask, await ask.settings());
    await ask.interaction.reply({ ...message, flags: MessageFlags.Ephemeral });
  },
};
