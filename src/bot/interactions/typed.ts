import { AttachmentBuilder, codeBlock, type Interaction } from 'discord.js';
import { CONTENT } from '../delivery/texts.js';
import { lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';

/** Options and fields with free text. */
const TEXTS = ['prompt', 'negative', 'words', 'test', 'entries', 'reason'];
/** Characters that are retyped as easily as copied. */
const SHORT = 40;

/** What a member typed into a command's options or a form: Discord forgets it once it is answered. */
export function typedIn(interaction: Interaction): string {
  const texts = TEXTS.map((name) => {
    if (interaction.isChatInputCommand()) return interaction.options.getString(name);
    return interaction.isModalSubmit() && interaction.fields.fields.has(name)
      ? interaction.fields.getTextInputValue(name)
      : null;
  });
  return texts.filter(Boolean).join('\n\n');
}

/**
 * A refusal, followed by what was typed, so that nobody has to type it again: in the message if it fits, otherwise as a
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
