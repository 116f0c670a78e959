import {
  type Attachment,
  type ChatInputCommandInteraction,
  codeBlock,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
} from 'discord.js';
import { type GenerationParameters, parametersText } from '../engine/image/metadata.js';
import type { App } from './app.js';
import { cut } from './cut.js';
import { translateFor } from './i18n.js';
import { Refusal } from './refusal.js';
import { fetchAttachment } from './sources.js';

/** Answers, to the asker alone, with what a picture says of its making: prompt, seed and all else to paint it again. */
export async function tellHowMade(
  app: App,
  interaction: ChatInputCommandInteraction | MessageContextMenuCommandInteraction,
  picture: Attachment,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const t = translateFor(interaction.locale);
  const read = await app.painter.inspect(await fetchAttachment(app, picture)).catch((error) => {
    throw error instanceof Refusal ? error : new Refusal('notPicture');
  });
  // What a picture does not say is not said: without this, that Easel made it.
  const text = read && parametersText({ version: undefined, ...(read as GenerationParameters) });
  await interaction.editReply({
    content: text ? `${t('how.made')}\n${codeBlock(cut(text.replaceAll('```', "'''"), 1800))}` : t('how.unknown'),
    allowedMentions: { parse: [] },
  });
}
