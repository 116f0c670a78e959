import { keepsFlagged } from '../src/bot/admission.js';
import type { MessageCommand } from '../src/bot/command.js';
import { messageCommand } from '../src/bot/command-data.js';
import { isFlagged } from '../src/bot/flagged.js';
import { requestFrom } from '../src/bot/from-picture.js';
import { placeOf } from '../src/bot/place.js';
import { Refusal } from '../src/bot/refusal.js';
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
      const result = await app.results.behind(targetMessage.id);
      if (result && isFlagged(result) && !keepsFlagged(await app.settings.of(guildId), placeOf(interaction))) {
        throw new Refusal('flagged');
      }
      const { request, notices } = await requestFrom(app, guildId, picture, 'img2img', {}, await keep(picture));
      await submit(app, interaction, request, { ...wishesOf(targetMessage), notices });
    }),
};
