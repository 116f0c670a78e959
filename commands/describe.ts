import { picture, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type DescribeNeeds, describePicture } from '../src/bot/interactions/describe.js';

/** /describe: prompts that paint something like a picture. */
export const describe: ChatCommand<DescribeNeeds> = {
  data: () =>
    slashCommand('describe')
      .addAttachmentOption((o) => picture(o, 'describe', 'image').setRequired(true))
      .toJSON(),

  async execute(needs, ask) {
    await describePicture(needs, ask, ask.interaction.options.getAttachment('image', true));
  },
};
