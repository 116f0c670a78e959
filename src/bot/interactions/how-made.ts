import {
  type Attachment,
  AttachmentBuilder,
  type ChatInputCommandInteraction,
  codeBlock,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
} from 'discord.js';
import { fieldsText, textOf } from '../../engine/image/metadata/infotext.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Ask } from '../intake/ask.js';
import { type FetchNeeds, fetchAttachment } from '../intake/sources.js';
import type { Inspectors } from '../painter/inspectors.js';
import { cut, lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';

/** Most characters of the text in the message; 200 are left for the rest. */
const ROOM = 1800;
/** Most of these characters for the settings, and fewest for the negative prompt. */
const FIELDS_ROOM = 1000;
const NEGATIVE_ROOM = 300;

export interface HowMadeNeeds extends FetchNeeds {
  readonly inspectors: Inspectors;
}

/**
 * Answers, to the member alone, with what a picture's metadata says: prompt, seed, and everything else needed to paint
 * it again.
 */
export async function tellHowMade(
  needs: HowMadeNeeds,
  { interaction, t }: Ask<ChatInputCommandInteraction | MessageContextMenuCommandInteraction>,
  picture: Attachment,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const read = await needs.inspectors.inspect(await fetchAttachment(needs, picture), interaction.user.id);
  await interaction.editReply({ ...howMadeAnswer(read, t), allowedMentions: { parse: [] } });
}

/** What a picture's metadata says, as a message. */
export function howMadeAnswer(
  read: ReadParameters | null,
  t: Translate,
): { content: string; files?: AttachmentBuilder[] } {
  if (!read) return { content: t('how.unknown') };
  if (read.unread) return { content: read.version ? t('how.unreadBy', { program: read.version }) : t('how.unread') };
  const { prompt, negative, ...fields } = read;
  const told = fieldsText(fields);
  const whole = textOf(prompt, negative, told);
  if (lengthOf(whole) <= ROOM) return { content: `${t('how.made')}\n${block(whole)}` };
  // The prompts get what the settings leave.
  const settings = cut(told, FIELDS_ROOM);
  const room = ROOM - lengthOf(settings) - 'Negative prompt: \n\n'.length;
  const words = cut(prompt, room - Math.min(lengthOf(negative), NEGATIVE_ROOM));
  const out = cut(negative, room - lengthOf(words));
  return {
    content: `${t('how.shortened')}\n${block(textOf(words, out, settings))}`,
    files: [new AttachmentBuilder(Buffer.from(whole), { name: 'parameters.txt' })],
  };
}

/** The text cannot end the code block. */
function block(text: string): string {
  return codeBlock(text.replaceAll('```', "'''"));
}
