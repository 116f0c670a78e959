import {
  type AnySelectMenuInteraction,
  type ButtonInteraction,
  MediaGalleryBuilder,
  MediaGalleryItemBuilder,
  type Message,
  MessageFlags,
  TextDisplayBuilder,
} from 'discord.js';
import { pictureFormat } from '../../engine/image/format.js';
import { isFlagged } from '../delivery/flagged.js';
import { altText, titled } from '../delivery/texts.js';
import type { CustomId } from '../gateway/custom-id.js';
import { fileOf, withVeils } from '../gateway/veiled-file.js';
import type { Ask } from '../intake/ask.js';
import { filesOf, type PictureNeeds } from '../intake/sources.js';
import { visibilityOf } from '../intake/submit.js';
import { composeResult } from '../layout/compose.js';
import { keepsFlagged } from '../rules/place-rules.js';
import type { Found } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import { numbersOf } from './mine-tile.js';
import { type PressNeeds, resultToPaintFrom } from './press.js';

/** Pictures in one message (documentation, "Media Gallery"), and their bytes: of 25 MiB, some are for the rest. */
const MOST = { pictures: 10, bytes: 24 * 2 ** 20 } as const;
/** Milliseconds to fetch the file of a result whose pictures are no longer cached: it was answered already. */
export const PATIENCE = 20_000;

/** A picture of a result, ready to be sent. */
export interface SeparateFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly description: string;
}

/** 💾 sends the pictures of a result one by one, to the member alone. */
export async function files(
  needs: PressNeeds & PictureNeeds,
  ask: Ask<ButtonInteraction>,
  { job }: CustomId<'files'>,
): Promise<void> {
  const { message } = ask.interaction;
  const record = await resultToPaintFrom(needs, ask, { job });
  const { spoiler = false } = visibilityOf(message);
  const fresh = () => message.fetch().catch(() => message);
  await sendFiles(needs, ask, { job, record }, fresh, spoiler);
}

/**
 * Answers with a result's pictures in media galleries, each as it was painted: cut out of the result's file if it is
 * nowhere else. What is flagged is left out where this place does not show it.
 *
 * @param message the result's; null if it is gone. @throws Refusal if there is nothing to send.
 */
export async function sendFiles(
  needs: PictureNeeds,
  ask: Ask<ButtonInteraction | AnySelectMenuInteraction>,
  found: Found,
  message: () => Promise<Message | null>,
  spoiler: boolean,
): Promise<void> {
  const { interaction, place, t } = ask;
  const { job, record } = found;
  const { request } = record;
  const mayShow = keepsFlagged(await ask.settings(), place);
  const all = numbersOf(record);
  const indexes = all.filter((k) => mayShow || !isFlagged(record, k));
  if (indexes.length === 0) throw new Refusal('flagged');
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const painted = await filesOf(needs, found, indexes, message, { owner: place.userId, time: PATIENCE });
  const limit = interaction.attachmentSizeLimit;
  const sent: SeparateFile[] = [];
  for (const [k, png] of painted.entries()) {
    const index = indexes[k]!;
    const { width, height, seed } = request;
    const { bytes } = await composeResult(
      { kind: request.kind },
      [{ png, width, height, seed, flagged: false }],
      limit,
      t,
    );
    sent.push({
      name: `${job}-${index}.${extensionOf(bytes)}`,
      bytes,
      description: altText(request, index, t),
    });
  }
  const [first, ...others] = batches(sent);
  const left = all.length - indexes.length;
  const heading = [titled(request, t, 200), ...(left > 0 ? [`-# ${t('result.flagged', { count: left })}`] : [])];
  await interaction.editReply(withVeils(interaction.webhook, galleryOf(first!, spoiler, heading.join('\n'))));
  for (const more of others) {
    const { flags, ...rest } = galleryOf(more, spoiler);
    await interaction.followUp(withVeils(interaction.webhook, { ...rest, flags: [flags, MessageFlags.Ephemeral] }));
  }
}

/** A message with files in a media gallery, below a text. */
function galleryOf(batch: readonly SeparateFile[], spoiler: boolean, text?: string) {
  const items = batch.map(({ name, description }) =>
    new MediaGalleryItemBuilder().setURL(`attachment://${name}`).setDescription(description).setSpoiler(spoiler),
  );
  return {
    components: [
      ...(text ? [new TextDisplayBuilder().setContent(text)] : []),
      new MediaGalleryBuilder().addItems(items),
    ],
    files: batch.map(({ name, bytes, description }) => fileOf(bytes, { name, description }, spoiler)),
    flags: MessageFlags.IsComponentsV2 as const,
    allowedMentions: { parse: [] },
  };
}

/** In order, as few messages as will hold them. */
function batches(files: readonly SeparateFile[]): SeparateFile[][] {
  const found: SeparateFile[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = found.at(-1);
    if (last && last.length < MOST.pictures && bytes + file.bytes.length <= MOST.bytes) {
      last.push(file);
      bytes += file.bytes.length;
    } else {
      found.push([file]);
      bytes = file.bytes.length;
    }
  }
  return found;
}

function extensionOf(bytes: Uint8Array): string {
  return pictureFormat(bytes) ?? 'png';
}
