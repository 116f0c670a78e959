import type { MessageCommand } from '../src/bot/command.js';
import { messageCommand } from '../src/bot/command-data.js';
import { tellHowMade } from '../src/bot/how-made.js';
import { picturesIn } from '../src/bot/sources.js';

/** "How was this made?" in a message's Apps menu: what a picture says of itself. */
export const howMade: MessageCommand = {
  data: () => messageCommand('howMenu').toJSON(),

  async execute(app, interaction) {
    const [picture] = picturesIn(interaction.targetMessage);
    await tellHowMade(app, interaction, picture);
  },
};
