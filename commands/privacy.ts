import { AttachmentBuilder, EmbedBuilder, MessageFlags } from 'discord.js';
import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { forgetButtons } from '../src/bot/privacy/answered.js';
import { exportFile } from '../src/bot/privacy/file.js';
import type { PersonalData } from '../src/bot/privacy/personal-data.js';
import { MOST_LISTED } from '../src/bot/storage/job-lists.js';
import type { Config } from '../src/config.js';

export interface Needs {
  readonly personalData: PersonalData;
  readonly config: Pick<Config, 'privacyUrl'>;
}

/** What /privacy show lists, in this order. */
const KEPT = [
  'results',
  'lists',
  'jobs',
  'pictures',
  'counters',
  'preferences',
  'limits',
  'blocks',
  'moderation',
  'emojis',
  'log',
] as const;

/** /privacy: shows, exports and deletes what the bot keeps about a member. */
export const privacy: ChatCommand<Needs> = {
  forBlocked: true,

  data: () =>
    slashCommand('privacy')
      .addSubcommand((s) => described(s, 'privacy', 'show'))
      .addSubcommand((s) => described(s, 'privacy', 'export'))
      .addSubcommand((s) => described(s, 'privacy', 'delete'))
      .toJSON(),

  async execute({ personalData, config }, { interaction, t }) {
    const { user, guildId, options, attachmentSizeLimit } = interaction;
    switch (options.getSubcommand()) {
      case 'export': {
        await interaction.deferReply({ flags: MessageFlags.Ephemeral });
        const json = await personalData.export(user.id, guildId);
        const { name, bytes } = await exportFile(json, `easel-${user.id}.json`, attachmentSizeLimit);
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
        const { privacyUrl: policy } = config;
        const embed = new EmbedBuilder()
          .setTitle(t('privacy.title'))
          .setDescription([t('privacy.where'), ...(policy ? [t('privacy.policy', { policy })] : [])].join('\n'))
          .addFields(
            KEPT.map((what) => ({
              name: t(`privacy.kinds.${what}`),
              value: t(`privacy.about.${what}`, { most: MOST_LISTED }),
            })),
          );
        await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral });
      }
    }
  },
};
