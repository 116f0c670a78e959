import { picture, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type HowMadeNeeds, tellHowMade } from '../src/bot/interactions/how-made.js';

/** /seed: seed, prompt and settings of any picture that has them in its metadata. */
export const seed: ChatCommand<HowMadeNeeds> = {
  data: () =>
    slashCommand('seed')
      .addAttachmentOption((o) => picture(o, 'seed', 'image').setRequired(true))
      .toJSON(),

  async execute(needs, ask) {
    await tellHowMade(needs, ask, ask.interaction.options.getAttachment('image', true));
  },
};
