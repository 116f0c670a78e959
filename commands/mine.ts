import { MessageFlags } from 'discord.js';
import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import { withVeils } from '../src/bot/gateway/veiled-file.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type MineNeeds, pageMessage } from '../src/bot/interactions/mine-message.js';
import { searched, TOP } from '../src/bot/interactions/mine-state.js';

/** /mine: a member's own results, the newest first. */
export const mine: ChatCommand<MineNeeds> = {
  data: () =>
    slashCommand('mine')
      .addStringOption((o) => described(o, 'mine', 'search').setMaxLength(45))
      .addBooleanOption((o) => described(o, 'mine', 'favourites'))
      .toJSON(),

  async execute(needs, ask) {
    const { interaction } = ask;
    const { options } = interaction;
    const view = {
      favourites: options.getBoolean('favourites') ?? false,
      word: searched(options.getString('search')),
      cursor: TOP,
    };
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(withVeils(interaction.webhook, await pageMessage(needs, ask, view)));
  },
};
