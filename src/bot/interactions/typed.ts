import { AttachmentBuilder, codeBlock, type Interaction } from 'discord.js';
import { CONTENT } from '../delivery/texts.js';
import { lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';

/** Options and fields that somebody writes texts into. */
const TEXTS = ['prompt', 'negative', 'words'];
/** Characters that are typed again as easily as copied. */
const SHORT = 40;

/** What somebody wrote into a command's options or a form: Discord forgets it when it is answered. */
function typedIn(interaction: Interaction): string {
  const texts = TEXTS.map((name) => {
    if (interaction.isChatInputCommand()) return interaction.options.getString(name);
    return interaction.isModalSubmit() && interaction.fields.fields.has(name)
      ? interaction.fields.getTextInputValue(name)
      : null;
  });
  return texts.filter(Boolean).join('\n\n');
}

/**
 * A refusal, with what was written below it, so that nobody has to write it twice: in the message where it fits, else as a
 * file.
 */
export function withTyped(text: string, interaction: Interaction, t: Translate) {
  const typed = typedIn(interaction);
  if (lengthOf(typed) <= SHORT) return { content: text };
  const above = `${text}\n${t('refusal.typed')}`;
  const content = `${above}\n${codeBlock(typed.replaceAll('```', "'''"))}`;
  if (lengthOf(content) <= CONTENT) return { content };
  return { content: above, files: [new AttachmentBuilder(Buffer.from(typed), { name: 'prompt.txt' })] };
}
