import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { tellHowMade } from '../src/bot/interactions/how-made.js';

/** /seed: seed, prompt and settings of any picture that carries them. */
export const seed: ChatCommand = {
  data: () =>
    slashCommand('seed')
      .addAttachmentOption((o) => described(o, 'seed', 'image').setRequired(true))
      .toJSON(),

  async execute(app, interaction) {
    await tellHowMade(app, interaction, interaction.options.getAttachment('image', true));
  },
};
