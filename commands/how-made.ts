import { messageCommand } from '../src/bot/gateway/command-data.js';
import { picturesIn } from '../src/bot/intake/sources.js';
import type { MessageCommand } from '../src/bot/interactions/command.js';
import { type HowMadeNeeds, tellHowMade } from '../src/bot/interactions/how-made.js';

/** "How was this made?" in a message's Apps menu: what a picture's metadata says. */
export const howMade: MessageCommand<HowMadeNeeds> = {
  data: () => messageCommand('howMenu').toJSON(),

  async execute(needs, ask) {
    const [picture] = picturesIn(ask.interaction.targetMessage);
    await tellHowMade(needs, ask, picture);
  },
};
