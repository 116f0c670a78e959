import { MessageFlags } from 'discord.js';
import type { ChatCommand } from '../src/bot/command.js';
import { slashCommand } from '../src/bot/command-data.js';
import { modelsMessage } from '../src/bot/models-menu.js';

/** /models: what there is to paint with, how large and how fast; who manages the server chooses its model here. */
export const models: ChatCommand = {
  data: () => slashCommand('models').toJSON(),

  async execute(app, interaction) {
    await interaction.reply({ ...(await modelsMessage(app, interaction)), flags: MessageFlags.Ephemeral });
  },
};
