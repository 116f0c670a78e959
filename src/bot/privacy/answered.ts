import { ActionRowBuilder, ButtonBuilder, type ButtonInteraction, ButtonStyle } from 'discord.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import type { Translate } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import type { PersonalData } from './personal-data.js';

const BUTTON = { forget: 1, keep: 2 } as const;

/** The buttons under /privacy delete. The user's id is in theirs, so that they work after a restart. */
export function forgetButtons(userId: string, t: Translate): ActionRowBuilder<ButtonBuilder> {
  const button = (which: number, style: ButtonStyle, label: string) =>
    new ButtonBuilder()
      .setCustomId(customId('privacy', { userId, button: which }))
      .setStyle(style)
      .setLabel(label);
  return new ActionRowBuilder<ButtonBuilder>().addComponents(
    button(BUTTON.forget, ButtonStyle.Danger, t('privacy.forget')),
    button(BUTTON.keep, ButtonStyle.Secondary, t('privacy.keep')),
  );
}

/** Handles a button under /privacy delete, but only for the user whose data it is. */
export async function forgetPressed(
  { personalData }: { readonly personalData: PersonalData },
  { interaction, t }: Ask<ButtonInteraction>,
  { userId, button }: CustomId<'privacy'>,
): Promise<void> {
  if (userId !== interaction.user.id) throw new Refusal('privacyOthers');
  if (button !== BUTTON.forget) {
    await interaction.update({ content: t('privacy.kept'), components: [] });
    return;
  }
  await interaction.update({ content: t('privacy.forgetting'), components: [] });
  const { results, jobs, pictures } = await personalData.forget(userId);
  const done = t('privacy.forgotten', { results, jobs, pictures });
  await interaction.editReply(`${done}\n${t('privacy.remains')}`);
}
