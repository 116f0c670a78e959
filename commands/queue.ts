import { QUIET } from '../src/bot/delivery/texts.js';
import { slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type QueueNeeds, queueMessage } from '../src/bot/interactions/queue-list.js';

/** /queue: what is being painted and what is waiting. */
export const queue: ChatCommand<QueueNeeds> = {
  data: () => slashCommand('queue').toJSON(),

  async execute(needs, ask) {
    await ask.interaction.reply({ ...queueMessage(needs, ask), flags: QUIET });
  },
};
