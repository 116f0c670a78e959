import { isFlagged } from '../src/bot/delivery/flagged.js';
import { messageCommand } from '../src/bot/gateway/command-data.js';
import { placeOf } from '../src/bot/gateway/place.js';
import { requestFrom } from '../src/bot/intake/from-picture.js';
import { picturesIn } from '../src/bot/intake/sources.js';
import { submit, wishesOf } from '../src/bot/intake/submit.js';
import { withUploads } from '../src/bot/intake/uploads.js';
import type { MessageCommand } from '../src/bot/interactions/command.js';
import { keepsFlagged } from '../src/bot/rules/place-rules.js';
import { Refusal } from '../src/bot/text/refusal.js';

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
      const { request, notices } = await requestFrom(
        app,
        guildId,
        picture,
        { kind: 'img2img' },
        {},
        await keep(picture),
      );
      await submit(app, interaction, request, { ...wishesOf(targetMessage), notices });
    }),
};
