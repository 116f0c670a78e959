import {
  ActionRowBuilder,
  type AnySelectMenuInteraction,
  ChannelSelectMenuBuilder,
  ChannelType,
  type ChatInputCommandInteraction,
  channelMention,
  EmbedBuilder,
  type Guild,
  MessageFlags,
  ModalBuilder,
  type ModalSubmitInteraction,
  RoleSelectMenuBuilder,
  roleMention,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import { lacking } from '../moderation/may-write.js';
import { managedGuild } from '../rules/manager.js';
import type { GuildSettings, Settings } from '../rules/settings.js';
import { cut } from '../text/cut.js';
import { languageName, type Translate } from '../text/i18n.js';
import { quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';
import { isTooWide } from '../words/blocked-words.js';
import { listed } from '../words/listed.js';
import { modelPicked } from './models-menu.js';

type List = 'channels' | 'roles' | 'exempt' | 'words';

/** Shows a menu (or, for words, a text field) with the current selection. */
export async function askFor(ask: Ask<ChatInputCommandInteraction>, list: List): Promise<void> {
  const { interaction, t } = ask;
  const settings = await ask.settings();
  if (list === 'words') {
    await interaction.showModal(wordsModal(settings, t));
    return;
  }
  const id = customId('settings', { setting: list });
  const menu =
    list === 'channels'
      ? new ChannelSelectMenuBuilder()
          .setChannelTypes(ChannelType.GuildText, ChannelType.GuildAnnouncement, ChannelType.GuildForum)
          .setDefaultChannels(settings.channels.slice(0, 25))
          .setPlaceholder(t('settings.pickChannels'))
      : new RoleSelectMenuBuilder()
          .setDefaultRoles(settings[list].slice(0, 25))
          .setPlaceholder(t(list === 'roles' ? 'settings.pickRoles' : 'settings.pickExempt'));
  menu.setCustomId(id).setMinValues(0).setMaxValues(25);
  const row = new ActionRowBuilder<typeof menu>().addComponents(menu as never);
  await interaction.reply({ components: [row as never], flags: MessageFlags.Ephemeral });
}

/** Handles a menu of /settings. */
export async function settingPicked(
  needs: Parameters<typeof modelPicked>[0],
  ask: Ask<AnySelectMenuInteraction>,
  { setting }: CustomId<'settings'>,
): Promise<void> {
  const { interaction, t } = ask;
  const guildId = managedGuild(interaction);
  if (setting === 'model') return modelPicked(needs, ask, guildId);
  if (setting === 'words') throw new Refusal('old');
  const settings = await needs.settings.change(guildId, { [setting]: interaction.values });
  await interaction.update({
    content: t('settings.saved'),
    embeds: [overview(settings, t, interaction.guild)],
    components: [],
  });
}

/** Handles the text field of /settings words. */
export async function settingSubmitted(
  needs: { readonly settings: GuildSettings },
  ask: Ask<ModalSubmitInteraction>,
  { setting }: CustomId<'settings'>,
): Promise<void> {
  const { interaction } = ask;
  if (setting !== 'words') throw new Refusal('old');
  const words = listed(interaction.fields.getTextInputValue('words'));
  const wide = words.find(isTooWide);
  if (wide !== undefined) throw new Refusal('wordsWide', { word: wide });
  await confirm(ask, await needs.settings.change(managedGuild(interaction), { words }));
}

export async function confirm(
  { interaction, t }: Ask<ChatInputCommandInteraction | ModalSubmitInteraction>,
  settings: Settings,
  notes: readonly string[] = [],
): Promise<void> {
  await interaction.reply({
    content: [t('settings.saved'), ...notes].join('\n'),
    embeds: [overview(settings, t, interaction.guild)],
    flags: MessageFlags.Ephemeral,
  });
}

export async function showSettings({ interaction, t, settings }: Ask<ChatInputCommandInteraction>): Promise<void> {
  await interaction.reply({
    embeds: [overview(await settings(), t, interaction.guild)],
    flags: MessageFlags.Ephemeral,
  });
}

function overview(settings: Settings, t: Translate, guild: Guild | null): EmbedBuilder {
  const { channels, roles, words, perHour, steps, scale, count, speed, nsfw, language, model } = settings;
  const { quotas, exempt, logChannel } = settings;
  const fields: Record<string, string> = {
    channels: channels.map(channelMention).join(', ') || t('settings.everywhere'),
    roles: roles.map(roleMention).join(', ') || t('settings.everyone'),
    words: words.map((word) => quote(word, 100)).join(', ') || t('settings.none'),
    limits: [
      perHour ? String(perHour) : t('settings.operator'),
      ...quotas.map((quota) => `${roleMention(quota.role)}: ${quota.perHour}`),
      ...exempt.map((id) => `${roleMention(id)}: ${t('settings.operator')}`),
    ].join('\n'),
    defaults: [
      ...(steps ? [t('fact.steps', { count: steps })] : []),
      ...(scale ? [t('fact.scale', { scale })] : []),
      t('fact.pictures', { count }),
      ...(speed ? [t(`speed.${speed}`)] : []),
    ].join(' · '),
    model: model === null ? t('settings.operator') : quote(model),
    nsfw: t(`nsfw.${nsfw}`),
    language: language ? languageName(language) : t('settings.own'),
    log: logChannel
      ? `${channelMention(logChannel)}${lacking(guild, logChannel).length > 0 ? `\n${t('settings.logClosed')}` : ''}`
      : t('settings.none'),
  };
  return new EmbedBuilder()
    .setTitle(t('settings.title'))
    .addFields(
      Object.entries(fields).map(([name, value]) => ({ name: t(`settings.${name}`), value: cut(value, 1024) })),
    );
}

function wordsModal({ words }: Settings, t: Translate): ModalBuilder {
  const input = new TextInputBuilder()
    .setCustomId('words')
    .setLabel(t('settings.wordsLabel'))
    .setStyle(TextInputStyle.Paragraph)
    .setRequired(false)
    .setMaxLength(2000)
    .setPlaceholder(t('settings.wordsExample'))
    // Separated by one character, as in the longest list that could be entered: it must fit the field, or its end would
    // be lost.
    .setValue(cut(words.join(','), 2000));
  return new ModalBuilder()
    .setCustomId(customId('settings', { setting: 'words' }))
    .setTitle(t('settings.wordsTitle'))
    .addComponents(new ActionRowBuilder<TextInputBuilder>().addComponents(input));
}
