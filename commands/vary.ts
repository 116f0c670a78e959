import type { ChatCommand } from '../src/bot/command.js';
import { described, slashCommand } from '../src/bot/command-data.js';
import { requestFrom } from '../src/bot/from-picture.js';
import { isSpoiler } from '../src/bot/sources.js';
import { submit } from '../src/bot/submit.js';
import { withUploads } from '../src/bot/uploads.js';
import { MAX_SEED } from '../src/engine/random/seed.js';

/** /vary: variations of any picture. */
export const vary: ChatCommand = {
  data: () =>
    slashCommand('vary')
      .addAttachmentOption((o) => described(o, 'vary', 'image').setRequired(true))
      .addStringOption((o) => described(o, 'vary', 'prompt').setMaxLength(1500))
      .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
      .addIntegerOption((o) => described(o, 'imagine', 'count').setMinValue(1).setMaxValue(4))
      .addIntegerOption((o) => described(o, 'imagine', 'seed').setMinValue(0).setMaxValue(MAX_SEED))
      .toJSON(),

  execute: (app, interaction) =>
    withUploads(app, interaction, async (keep) => {
      const { options } = interaction;
      const image = options.getAttachment('image', true);
      const request = await requestFrom(
        app,
        interaction.guildId,
        image,
        'img2img',
        {
          prompt: options.getString('prompt'),
          strength: options.getNumber('strength'),
          count: options.getInteger('count'),
          seed: options.getInteger('seed'),
        },
        keep,
      );
      await submit(app, interaction, request, { spoiler: isSpoiler(image) });
    }),
};
