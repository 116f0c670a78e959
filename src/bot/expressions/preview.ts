import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  type ChatInputCommandInteraction,
  type Client,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';
import { RequestError } from '../../engine/errors.js';
import { CONTENT } from '../delivery/texts.js';
import { customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import type { Inspectors } from '../painter/inspectors.js';
import { newJobId } from '../request/job-id.js';
import type { Pictures } from '../storage/pictures.js';
import { cut, lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { isBlank, oneLine, quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';
import { BlockedWords } from '../words/blocked-words.js';
import { type Drafts, draftPicture, type Shown } from './drafts.js';
import { isName, KINDS, type Kind } from './kinds.js';
import { checkMayMake } from './permission.js';
import type { Source } from './source.js';

/** The buttons under a preview, by the number in their ids. */
export const BUTTON = { add: 1, cancel: 2 } as const;

export interface PreviewNeeds {
  readonly client: Client<true>;
  readonly inspectors: Inspectors;
  readonly drafts: Drafts;
  readonly pictures: Pictures;
}

/** Characters of a sticker's description (documentation, "Create Guild Sticker"). */
const DESCRIPTION = { least: 2, most: 100 };

/**
 * Shows the member, and nobody else, exactly what will be uploaded when they confirm.
 *
 * @throws Refusal; RequestError for a picture that cannot be opened.
 */
export async function preview(
  { client, inspectors, drafts, pictures }: PreviewNeeds,
  ask: Ask<ChatInputCommandInteraction | ModalSubmitInteraction>,
  { kind, name }: { kind: Kind; name: string },
  source: () => Promise<Source>,
): Promise<void> {
  const { interaction, t } = ask;
  const guildId = checkMayMake(client, ask);
  if (!isName(name, kind)) {
    throw new Refusal('emojiName', { name, limit: KINDS[kind].name });
  }
  const blocked = new BlockedWords((await ask.settings()).refused);
  const word = blocked.in(name);
  if (word !== undefined) throw new Refusal('words', { word });
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { bytes, shows } = await source();
  const png = await inspectors.expression(bytes, KINDS[kind].side, interaction.user.id);
  const id = newJobId();
  const description = descriptionOf(shows, blocked) ?? name;
  const draft: Shown = { stage: 'shown', userId: interaction.user.id, guildId, kind, name, description };
  await drafts.keep(id, draft);
  await pictures.put(png, draftPicture(id));
  await interaction.editReply({
    content: cut(previewText(draft, png.length, t), CONTENT),
    files: [new AttachmentBuilder(Buffer.from(png), { name: `${name}.png`, description })],
    components: [
      new ActionRowBuilder<ButtonBuilder>().addComponents(
        button(id, BUTTON.add, ButtonStyle.Success, t(`emoji.add.${kind}`)),
        button(id, BUTTON.cancel, ButtonStyle.Secondary, t('emoji.cancel')),
      ),
    ],
    allowedMentions: { parse: [] },
    flags: MessageFlags.SuppressEmbeds,
  });
}

/** A sticker's description from what its picture shows; null if there is none, or the server does not allow it. */
function descriptionOf(shows: string, blocked: BlockedWords): string | null {
  // It may come from a stranger's file, so no more of it is read than could be used.
  const words = cut(oneLine(shows.slice(0, 10 * DESCRIPTION.most)), DESCRIPTION.most);
  if (isBlank(words) || lengthOf(words) < DESCRIPTION.least) return null;
  try {
    return blocked.in(words) === undefined ? words : null;
  } catch (error) {
    // A malformed tag is refused in a prompt, but nobody typed this one.
    if (!(error instanceof RequestError)) throw error;
    return null;
  }
}

function previewText({ kind, name, description }: Shown, bytes: number, t: Translate): string {
  const { side } = KINDS[kind];
  const kilobytes = Math.ceil(bytes / 1024);
  const first = t(`emoji.preview.${kind}`, { name, side, kilobytes });
  return kind === 'emoji' ? first : `${first}\n-# ${t('emoji.described', { description: quote(description) })}`;
}

function button(id: string, which: number, style: ButtonStyle, label: string): ButtonBuilder {
  return new ButtonBuilder()
    .setCustomId(customId('emoji', { draft: id, button: which }))
    .setStyle(style)
    .setLabel(label);
}
