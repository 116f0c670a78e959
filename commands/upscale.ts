import type { ChatCommand } from '../src/bot/command.js';
import { described, slashCommand } from '../src/bot/command-data.js';
import { requestFrom } from '../src/bot/from-picture.js';
import { isSpoiler } from '../src/bot/sources.js';
import { submit } from '../src/bot/submit.js';
import { withUploads } from '../src/bot/uploads.js';

/** /upscale: any picture, twice as large. */
export const upscale: ChatCommand = {
  data: () =>
    slashCommand('upscale')
      .addAttachmentOption((o) => described(o, 'upscale', 'image').setRequired(true))
      .addStringOption((o) => described(o, 'upscale', 'prompt').setMaxLength(1500))
      .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
      .toJSON(),

  execute: (app, interaction) =>
    withUploads(app, interaction, async (keep) => {
      const { options } = interaction;
      const image = options.getAttachment('image', true);
      const request = await requestFrom(
        app,
        interaction.guildId,
        image,
        'upscale',
        {
          prompt: options.getString('prompt'),
          strength: options.getNumber('strength'),
        },
        keep,
      );
      await submit(app, interaction, request, { spoiler: isSpoiler(image) });
    }),
};
