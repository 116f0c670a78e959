import { EmbedBuilder, MessageFlags } from 'discord.js';
import { slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import type { Offer } from '../src/bot/models/models.js';
import { manages } from '../src/bot/rules/manager.js';
import { cut } from '../src/bot/text/cut.js';
import { quote } from '../src/bot/text/quote.js';

/** The headings of /help, in order. */
const SECTIONS = ['start', 'buttons', 'reactions', 'pictures', 'choice', 'mine', 'queue', 'privacy'] as const;

/** /help: what the bot does, what its model paints well, and the model's licence. */
export const help: ChatCommand<Offer> = {
  forBlocked: true,

  data: () => slashCommand('help').toJSON(),

  async execute({ models, config }, { interaction, t }) {
    const { name, model } = models.get(config.model)!;
    const examples = model.card.examples.slice(0, 8).join(', ');
    const sections = manages(interaction) ? [...SECTIONS, 'settings' as const] : SECTIONS;
    const embed = new EmbedBuilder()
      .setTitle(t('help.title'))
      .addFields(
        ...sections.map((section) => ({ name: t(`help.heading.${section}`), value: t(`help.about.${section}`) })),
        { name: cut(t('help.knows', { model: quote(name, 100) }), 256), value: quote(examples, 1000) },
      )
      .setFooter({ text: cut(t('help.licence', { licence: model.card.licence }), 2048) });
    await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral });
  },
};
