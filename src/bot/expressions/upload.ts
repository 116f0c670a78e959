import {
  type Client,
  RESTJSONErrorCodes as Code,
  DiscordAPIError,
  RateLimitError,
  TimestampStyles,
  time,
} from 'discord.js';
import type { DiscordClock } from '../gateway/discord-clock.js';
import { Refusal } from '../text/refusal.js';
import type { Shown } from './drafts.js';

export interface UploadNeeds {
  readonly client: Client<true>;
  readonly clock: DiscordClock;
}

/** Discord's own client tags stickers with an emoji's name (documentation, "Sticker Object"): this is 🎨. */
const TAG = 'art';

/**
 * Adds an emoji or sticker to its guild.
 *
 * @returns how to write it in a message; for stickers, which cannot be written, their name.
 * @throws Refusal for any of Discord's objections that somebody can fix.
 */
export async function upload(
  { client, clock }: UploadNeeds,
  { guildId, kind, name, description }: Shown,
  png: Uint8Array,
  forWhom: string,
) {
  const reason = `/emoji, for ${forWhom}`;
  try {
    const guild = await client.guilds.fetch(guildId);
    if (kind === 'emoji') {
      const attachment = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
      return (await guild.emojis.create({ attachment, name, reason })).toString();
    }
    const file = { attachment: Buffer.from(png), name: `${name}.png` };
    return (await guild.stickers.create({ file, name, description, tags: TAG, reason })).name;
  } catch (error) {
    throw refusalOf(error, clock.now()) ?? error;
  }
}

/** Discord's error codes (documentation, "JSON Error Codes"), as sentences that say what to do. */
const REFUSALS: Readonly<Record<number | string, string>> = {
  [Code.MaximumNumberOfEmojisReached]: 'emojiFull',
  [Code.MaximumNumberOfStickersReached]: 'stickersFull',
  [Code.MissingPermissions]: 'emojiForbidden',
  [Code.MissingAccess]: 'emojiForbidden',
  [Code.UnknownGuild]: 'emojiForbidden',
  [Code.FileUploadedExceedsMaximumSize]: 'emojiInvalid',
  [Code.InvalidFileUploaded]: 'emojiInvalid',
  [Code.InvalidFormBodyOrContentType]: 'emojiInvalid',
};

function refusalOf(error: unknown, now: number): Refusal | null {
  if (error instanceof RateLimitError) {
    return new Refusal('emojiRate', {
      when: () => time(Math.ceil((now + error.retryAfter) / 1000), TimestampStyles.RelativeTime),
    });
  }
  if (!(error instanceof DiscordAPIError)) return null;
  const key = REFUSALS[error.code];
  return key ? new Refusal(key, { reason: error.message }) : null;
}
