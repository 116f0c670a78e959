import { AttachmentBuilder, EmbedBuilder, MessageFlags } from 'discord.js';
import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { forgetButtons } from '../src/bot/privacy/answered.js';
import { exportFile } from '../src/bot/privacy/file.js';
import { translateFor } from '../src/bot/text/i18n.js';

/** What /privacy show tells of, in this order. */
const KEPT = ['results', 'jobs', 'pictures', 'counters', 'limits', 'emojis', 'log'] as const;

/** /privacy: what the bot keeps of whoever asks, as a file, and its end. */
export const privacy: ChatCommand = {
  data: () =>
    slashCommand('privacy')
      .addSubcommand((s) => described(s, 'privacy', 'show'))
      .addSubcommand((s) => described(s, 'privacy', 'export'))
      .addSubcommand((s) => described(s, 'privacy', 'delete'))
      .toJSON(),

  async execute(app, interaction) {
    const { user, guildId, options, attachmentSizeLimit } = interaction;
    const t = translateFor(interaction.locale);
    switch (options.getSubcommand()) {
      case 'export': {
        await interaction.deferReply({ flags: MessageFlags.Ephemeral });
        const json = await app.personalData.export(user.id, guildId);
        const { name, bytes } = await exportFile(json, `easel-${user.id}`, attachmentSizeLimit);
        await interaction.editReply({
          content: t('privacy.exported'),
          files: [new AttachmentBuilder(bytes, { name })],
        });
        return;
      }
      case 'delete':
        await interaction.reply({
          content: `${t('privacy.ask')}\n${t('privacy.remains')}`,
          components: [forgetButtons(user.id, t)],
          flags: MessageFlags.Ephemeral,
        });
        return;
      default: {
        const { privacyUrl: policy } = app.config;
        const embed = new EmbedBuilder()
          .setTitle(t('privacy.title'))
          .setDescription([t('privacy.where'), ...(policy ? [t('privacy.policy', { policy })] : [])].join('\n'))
          .addFields(KEPT.map((what) => ({ name: t(`privacy.kinds.${what}`), value: t(`privacy.about.${what}`) })));
        await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral });
      }
    }
  },
};
