import { type AnySelectMenuInteraction, type ButtonInteraction, MessageFlags } from 'discord.js';
import { wraps } from '../../engine/tile.js';
import { isFlagged } from '../delivery/flagged.js';
import type { CustomId } from '../gateway/custom-id.js';
import { fileOf, withVeils } from '../gateway/veiled-file.js';
import type { Ask } from '../intake/ask.js';
import { isSpoiler, type PictureNeeds, pictureOf } from '../intake/sources.js';
import { keepsFlagged } from '../rules/place-rules.js';
import { Refusal } from '../text/refusal.js';
import { type PressNeeds, recordBehind } from './press.js';

/** Shows whoever pressed copies of a seamless tile, beside each other along the edges that join. */
export async function tiled(
  needs: PressNeeds & PictureNeeds,
  ask: Ask<ButtonInteraction | AnySelectMenuInteraction>,
  { job, index: button }: CustomId<'tiled'>,
): Promise<void> {
  const { interaction, place, t } = ask;
  const record = await recordBehind(needs, ask, { job });
  if (!record) throw new Refusal('gone');
  const index = interaction.isButton() ? button : Number(interaction.values[0]);
  const count = record.shown || record.request.count;
  if (!record.request.tile || !(Number.isInteger(index) && index >= 1 && index <= count)) throw new Refusal('old');
  if (isFlagged(record, index) && !keepsFlagged(await ask.settings(), place)) throw new Refusal('flagged');
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const key = await pictureOf(needs, job, index, record, interaction.message, interaction.user.id);
  const picture = await needs.pictures.get(key);
  if (!picture) throw new Refusal('gone');
  const joins = wraps(record.request.tile);
  const copies = { across: joins.across ? 2 : 1, down: joins.down ? 2 : 1 };
  const shown = await needs.inspectors.repeated(picture, copies, interaction.attachmentSizeLimit, interaction.user.id);
  const veiled = interaction.message.attachments.some(isSpoiler);
  const description = t('result.tiled', { index, ...copies });
  const file = fileOf(shown.bytes, { name: `${job}-${index}.${shown.extension}`, description }, veiled);
  await interaction.editReply(withVeils(interaction.webhook, { content: description, files: [file] }));
}
