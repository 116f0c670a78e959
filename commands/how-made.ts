import { messageCommand } from '../src/bot/gateway/command-data.js';
import { picturesIn } from '../src/bot/intake/sources.js';
import type { MessageCommand } from '../src/bot/interactions/command.js';
import { tellHowMade } from '../src/bot/interactions/how-made.js';

/** "How was this made?" in a message's Apps menu: what a picture says of itself. */
export const howMade: MessageCommand = {
  data: () => messageCommand('howMenu').toJSON(),

  async execute(app, interaction) {
    const [picture] = picturesIn(interaction.targetMessage);
    await tellHowMade(app, interaction, picture);
  },
};
