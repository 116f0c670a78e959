import type { MessageCommand } from '../src/bot/command.js';
import { messageCommand } from '../src/bot/command-data.js';
import { tellHowMade } from '../src/bot/how-made.js';
import { Refusal } from '../src/bot/refusal.js';

/** "How was this made?" in a message's Apps menu: what a picture says of itself. */
export const howMade: MessageCommand = {
  data: () => messageCommand('howMenu').toJSON(),

  async execute(app, interaction) {
    const picture = interaction.targetMessage.attachments.find(({ contentType }) => contentType?.startsWith('image/'));
    if (!picture) throw new Refusal('noPicture');
    await tellHowMade(app, interaction, picture);
  },
};
