import type { MessageCommand } from '../src/bot/command.js';
import { messageCommand } from '../src/bot/command-data.js';
import { requestFrom } from '../src/bot/from-picture.js';
import { picturesIn } from '../src/bot/sources.js';
import { submit, wishesOf } from '../src/bot/submit.js';
import { withUploads } from '../src/bot/uploads.js';

/** "Vary this picture" in a message's Apps menu. */
export const varyPicture: MessageCommand = {
  data: () => messageCommand('varyMenu').toJSON(),

  execute: (app, interaction) =>
    withUploads(app, interaction, async (keep) => {
      const { targetMessage, guildId } = interaction;
      const [picture] = picturesIn(targetMessage);
      const request = await requestFrom(app, guildId, picture, 'img2img', {}, keep);
      await submit(app, interaction, request, wishesOf(targetMessage));
    }),
};
