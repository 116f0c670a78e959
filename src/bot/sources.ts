import type { Attachment, Message } from 'discord.js';
import type { App } from './app.js';
import { cutOut } from './compose.js';
import { pictureKey } from './delivery.js';
import { Refusal } from './refusal.js';
import type { ResultRecord } from './results.js';

/** Largest upload that is fetched, bytes: Discord's own default for members. */
const MAX_BYTES = 10 * 1024 * 1024;
/** Milliseconds. Whatever may still be refused is refused before the three seconds for the first answer are over. */
const FETCH_TIMEOUT = 1500;
const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

type AnAttachment = Pick<Attachment, 'url' | 'size' | 'contentType'>;

/**
 * Fetches an uploaded picture and keeps it for the painter; it is decoded there, away from the gateway.
 *
 * @returns its key in the picture cache, and its bytes.
 * @throws Refusal for what is no picture, too large, or not on Discord's CDN.
 */
export async function keepAttachment(app: App, attachment: AnAttachment): Promise<{ key: string; bytes: Uint8Array }> {
  const bytes = await fetchAttachment(app, attachment);
  return { key: await app.pictures.put(bytes), bytes };
}

export async function fetchAttachment(app: App, { url, size, contentType }: AnAttachment): Promise<Uint8Array> {
  if (!PICTURE_TYPES.includes((contentType ?? '').split(';')[0]!)) throw new Refusal('notPicture');
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  if (size > MAX_BYTES) throw new Refusal('fileSize', { size: megabytes(size), limit: megabytes(MAX_BYTES) });
  if (!cdnHosts(app.config.discordApiUrl).includes(new URL(url).host)) throw new Refusal('host');
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_TIMEOUT) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > MAX_BYTES)
      throw new Refusal('fileSize', { size: megabytes(bytes.length), limit: megabytes(MAX_BYTES) });
    return bytes;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    app.log.warn({ err: error }, 'an attachment could not be fetched');
    throw new Refusal('fetch');
  }
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
 * @returns its key in the picture cache. @throws Refusal if both are gone.
 */
export async function pictureOf(
  app: App,
  job: string,
  index: number,
  record: ResultRecord,
  message: Message,
): Promise<string> {
  const key = pictureKey(job, index);
  if (await app.pictures.get(key)) return key;
  const fresh = await message.fetch().catch(() => message);
  const [file] = [...fresh.attachments.values()];
  if (!file) throw new Refusal('gone');
  const grid = await fetchAttachment(app, file);
  return app.pictures.put(await cutOut(record.request, grid, index - 1, record.shown || record.request.count), key);
}
