import { EmbedBuilder, MessageFlags } from 'discord.js';
import type { ChatCommand } from '../src/bot/command.js';
import { slashCommand } from '../src/bot/command-data.js';
import { translateFor } from '../src/bot/i18n.js';

/** /help: what the bot does, what its model paints well, and the model's licence. */
export const help: ChatCommand = {
  data: () => slashCommand('help').toJSON(),

  async execute(app, interaction) {
    const t = translateFor(interaction.locale);
    const { name, model } = app.models.get(app.config.model)!;
    const examples = model.card.examples.slice(0, 12).join(', ');
    const embed = new EmbedBuilder()
      .setTitle(t('help.title'))
      .setDescription(`${t('help.body')}\n\n${t('help.knows', { model: name, examples })}`.slice(0, 4096))
      .setFooter({ text: t('help.licence', { licence: model.card.licence }).slice(0, 2048) });
    await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral });
  },
};
