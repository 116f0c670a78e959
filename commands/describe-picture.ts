import { messageCommand } from '../src/bot/gateway/command-data.js';
import { picturesIn } from '../src/bot/intake/sources.js';
import type { MessageCommand } from '../src/bot/interactions/command.js';
import { type DescribeNeeds, describePicture as describe } from '../src/bot/interactions/describe.js';

/** "Describe this picture" in a message's Apps menu. */
export const describePicture: MessageCommand<DescribeNeeds> = {
  data: () => messageCommand('describeMenu').toJSON(),

  async execute(needs, ask) {
    const [picture] = picturesIn(ask.interaction.targetMessage);
    await describe(needs, ask, picture);
  },
};
