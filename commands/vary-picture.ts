import { isFlagged } from '../src/bot/delivery/flagged.js';
import { messageCommand } from '../src/bot/gateway/command-data.js';
import { type FromPictureNeeds, requestFrom } from '../src/bot/intake/from-picture.js';
import { type KeepNeeds, picturesIn } from '../src/bot/intake/sources.js';
import { type SubmitNeeds, submit, visibilityOf } from '../src/bot/intake/submit.js';
import { withUploads } from '../src/bot/intake/uploads.js';
import type { MessageCommand } from '../src/bot/interactions/command.js';
import { keepsFlagged } from '../src/bot/rules/place-rules.js';
import { Refusal } from '../src/bot/text/refusal.js';

type Needs = KeepNeeds & FromPictureNeeds & SubmitNeeds;

/** "Vary this picture" in a message's Apps menu. */
export const varyPicture: MessageCommand<Needs> = {
  data: () => messageCommand('varyMenu').toJSON(),

  execute: (needs, ask) =>
    withUploads(needs, ask, async (keep) => {
      const { targetMessage } = ask.interaction;
      const [picture] = picturesIn(targetMessage);
      const result = await needs.results.behind(targetMessage.id);
      if (result && isFlagged(result) && !keepsFlagged(await ask.settings(), ask.place)) {
        throw new Refusal('flagged');
      }
      const { request, notices } = await requestFrom(needs, ask, picture, { kind: 'img2img' }, {}, await keep(picture));
      await submit(needs, ask, request, { ...visibilityOf(targetMessage), notices });
    }),
};
