import { codeBlock, MessageFlags } from 'discord.js';
import type { MessageCommand } from '../src/bot/command.js';
import { messageCommand } from '../src/bot/command-data.js';
import { translateFor } from '../src/bot/i18n.js';
import { Refusal } from '../src/bot/refusal.js';
import { fetchAttachment } from '../src/bot/sources.js';
import { type GenerationParameters, parametersText } from '../src/engine/image/metadata.js';

/** "How was this made?" in a message's Apps menu: what a picture says of itself, to the asker alone. */
export const howMade: MessageCommand = {
  data: () => messageCommand('howMenu').toJSON(),

  async execute(app, interaction) {
    const picture = interaction.targetMessage.attachments.find(({ contentType }) => contentType?.startsWith('image/'));
    if (!picture) throw new Refusal('noPicture');
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const t = translateFor(interaction.locale);
    const read = await app.painter.inspect(await fetchAttachment(app, picture)).catch(() => {
      throw new Refusal('notPicture');
    });
    const text = read && parametersText(read as GenerationParameters);
    await interaction.editReply({
      content: text ? `${t('how.made')}\n${codeBlock(text.replaceAll('```', "'''").slice(0, 1800))}` : t('how.unknown'),
      allowedMentions: { parse: [] },
    });
  },
};
