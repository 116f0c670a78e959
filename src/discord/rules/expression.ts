import { StickerFormatType } from 'discord-api-types/v10';
import sharp from 'sharp';
import { pictureFormat } from '../../engine/image/format.js';
import { DiscordError, invalidForm } from '../error.js';
import { between, characters, required } from './fields.js';

const EMOJI_BYTES = 256 * 1024;
const STICKER_BYTES = 512 * 1024;
const STICKER_SIDE = 320;

/** @throws DiscordError 50035 for a name that emojis cannot have. */
export function checkEmojiName(name: unknown): void {
  if (!/^\w{2,32}$/.test(String(name ?? ''))) {
    throw invalidForm('name', 'STRING_TYPE_REGEX', 'String value did not match validation regex.');
  }
}

const EMOJI_FORMATS = ['png', 'jpeg', 'gif', 'webp', 'avif'];

/**
 * An emoji's picture from a data URI. Its type comes from its bytes, because discord.js calls everything `image/jpg`.
 *
 * @throws DiscordError 50035 for anything but a picture of at most 256 KiB.
 */
export async function emojiImage(image: unknown): Promise<{ type: string; bytes: Uint8Array; animated: boolean }> {
  const [, base64] = /^data:image\/\w+;base64,(.+)$/s.exec(String(image)) ?? [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (bytes.length > EMOJI_BYTES)
    throw invalidForm('image', 'BINARY_TYPE_MAX_SIZE', 'File cannot be larger than 256.0 kb.');
  const metadata =
    pictureFormat(bytes) &&
    (await sharp(bytes)
      .metadata()
      .catch(() => null));
  const format = metadata?.format === 'heif' ? 'avif' : metadata?.format;
  if (!format || !EMOJI_FORMATS.includes(format)) throw invalidForm('image', 'IMAGE_INVALID', 'Invalid image data');
  return { type: `image/${format}`, bytes, animated: (metadata?.pages ?? 1) > 1 };
}

/**
 * @throws DiscordError 50035 unless the name has 2 to 30 characters, the description none or 2 to 100, and the tags at
 * most 200.
 */
export function checkStickerTexts({ name, tags, description }: Record<'name' | 'tags' | 'description', unknown>): void {
  if (typeof name !== 'string') throw required('name');
  if (typeof tags !== 'string' || tags === '') throw required('tags');
  between('name', characters(name), 2, 30);
  between('tags', tags.length, 1, 200);
  if (description !== '') between('description', characters(String(description)), 2, 100);
}

/**
 * The format of a sticker's file. Lottie is only for verified and partnered guilds, and refused.
 *
 * @throws DiscordError 50045 above 512 KiB, 50046 for sizes other than 320 x 320 or another kind of file.
 */
export async function stickerFormat(bytes: Uint8Array): Promise<{ format: StickerFormatType; type: string }> {
  if (bytes.length > STICKER_BYTES) throw new DiscordError(400, 50045, 'File uploaded exceeds the maximum size');
  const metadata =
    pictureFormat(bytes) &&
    (await sharp(bytes)
      .metadata()
      .catch(() => null));
  const { format, width, height } = metadata ?? {};
  if ((format !== 'png' && format !== 'gif') || width !== STICKER_SIDE || height !== STICKER_SIDE) {
    throw new DiscordError(400, 50046, 'Invalid Asset');
  }
  if (format === 'gif') return { format: StickerFormatType.GIF, type: 'image/gif' };
  // Animated PNGs have a chunk that says so before their pixels.
  const animated = Buffer.from(bytes.subarray(0, 1024)).includes('acTL');
  return { format: animated ? StickerFormatType.APNG : StickerFormatType.PNG, type: 'image/png' };
}
