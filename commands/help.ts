import { EmbedBuilder, MessageFlags } from 'discord.js';
import { slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import type { Offer } from '../src/bot/models/models.js';
import { cut } from '../src/bot/text/cut.js';
import { quote } from '../src/bot/text/quote.js';

/** /help: what the bot does, what its model paints well, and the model's licence. */
export const help: ChatCommand<Offer> = {
  data: () => slashCommand('help').toJSON(),

  async execute({ models, config }, { interaction, t }) {
    const { name, model } = models.get(config.model)!;
    const examples = model.card.examples.slice(0, 12).join(', ');
    const embed = new EmbedBuilder()
      .setTitle(t('help.title'))
      .setDescription(
        cut(`${t('help.body')}\n\n${t('help.knows', { model: quote(name), examples: quote(examples, 1000) })}`, 4096),
      )
      .setFooter({ text: cut(t('help.licence', { licence: model.card.licence }), 2048) });
    await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral });
  },
};
