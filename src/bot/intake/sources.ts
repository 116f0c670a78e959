import type { Attachment, Message } from 'discord.js';
import { pictureFormat } from '../../engine/image/format.js';
import type { App } from '../app.js';
import { download } from '../gateway/download.js';
import { pictureKey } from '../storage/pictures.js';
import type { ResultRecord } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';

/** Largest upload that is fetched, bytes: Discord's own default for members. */
const MAX_BYTES = 10 * 1024 * 1024;
/** Milliseconds. Whatever may still be refused is refused before the three seconds for the first answer are over. */
const FETCH_TIMEOUT = 1500;

type AnAttachment = Pick<Attachment, 'url' | 'size'>;

/** An uploaded picture that is kept for the painter. */
export interface Kept {
  /** In the picture cache. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Who uploaded it. */
  readonly owner: string;
}

/** Fetches an uploaded picture and keeps it; it is opened elsewhere, away from the gateway. @throws as fetchAttachment. */
export async function keepAttachment(app: App, attachment: AnAttachment, owner: string): Promise<Kept> {
  const bytes = await fetchAttachment(app, attachment);
  return { key: await app.pictures.put(bytes), bytes, owner };
}

/**
 * The bytes of an uploaded picture. What it is called and said to be does not matter, for its sender chose that.
 *
 * @throws Refusal for what begins as no picture does, is too large, or is not on Discord's CDN.
 */
export async function fetchAttachment(app: App, { url, size }: AnAttachment): Promise<Uint8Array> {
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  if (size > MAX_BYTES) throw new Refusal('fileSize', { size: megabytes(size), limit: megabytes(MAX_BYTES) });
  if (!cdnHosts(app.config.discordApiUrl).includes(new URL(url).host)) throw new Refusal('host');
  const bytes = await download(url, { bytes: MAX_BYTES, time: FETCH_TIMEOUT }).catch((error) => {
    app.log.warn({ err: error }, 'an attachment could not be fetched');
    throw new Refusal('fetch');
  });
  if (!pictureFormat(bytes)) throw new Refusal('notPicture');
  return bytes;
}

/** The pictures that are attached to a message, one at least. @throws Refusal when there is none. */
export function picturesIn({ attachments }: Message): [Attachment, ...Attachment[]] {
  const [first, ...others] = attachments.filter(({ contentType }) => contentType?.startsWith('image/')).values();
  if (!first) throw new Refusal('noPicture');
  return [first, ...others];
}

/** The flag is from June 2026 (change log, 2026-06-24); before, and still, the name of the file says it. */
export function isSpoiler({ spoiler, name }: Pick<Attachment, 'spoiler' | 'name'>): boolean {
  return spoiler || name.startsWith('SPOILER_');
}

/** The only hosts that anything is fetched from. */
function cdnHosts(apiUrl: string | undefined): string[] {
  return apiUrl ? [new URL(apiUrl).host] : ['cdn.discordapp.com', 'media.discordapp.net'];
}

/**
 * Picture `index` (from 1) of a result: from the cache, else cut out of the grid in Discord's message, whose address is
 * asked for anew because it expires.
 *
 * @param owner who asks.
 * @returns its key in the picture cache. @throws Refusal if both are gone.
 */
export async function pictureOf(
  app: App,
  job: string,
  index: number,
  record: ResultRecord,
  message: Message,
  owner: string,
): Promise<string> {
  const key = pictureKey(job, index);
  if (await app.pictures.get(key)) return key;
  const fresh = await message.fetch().catch(() => message);
  const [file] = [...fresh.attachments.values()];
  if (!file) throw new Refusal('gone');
  const grid = await fetchAttachment(app, file);
  const count = record.shown || record.request.count;
  return app.pictures.put(await app.painter.cutOut(grid, record.request, index - 1, count, owner), key);
}
