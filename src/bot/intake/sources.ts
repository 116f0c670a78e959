import type { Attachment, Message } from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { pictureFormat } from '../../engine/image/format.js';
import { download } from '../gateway/download.js';
import type { Inspectors } from '../painter/inspectors.js';
import { FILE_LIMIT } from '../request/bounds.js';
import { type Pictures, pictureKey } from '../storage/pictures.js';
import type { Found, ResultRecord } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';

/** Milliseconds. Everything that may be refused is refused within the three seconds for the first answer. */
export const FETCH_TIMEOUT = 1500;

export interface FetchNeeds {
  readonly config: Pick<Config, 'discordApiUrl'>;
  readonly log: Logger;
}

export interface KeepNeeds extends FetchNeeds {
  readonly pictures: Pictures;
}

export interface PictureNeeds extends KeepNeeds {
  readonly inspectors: Inspectors;
}

type AnAttachment = Pick<Attachment, 'url' | 'size'>;

/** An uploaded picture kept for the painter. */
export interface KeptUpload {
  /** Its key in the picture cache. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Who uploaded it. */
  readonly owner: string;
}

/**
 * Downloads an uploaded picture and keeps it. It is opened elsewhere, in a separate process. @throws as
 * fetchAttachment.
 */
export async function keepAttachment(
  needs: KeepNeeds,
  attachment: AnAttachment,
  owner: string,
  time?: number,
): Promise<KeptUpload> {
  const bytes = await fetchAttachment(needs, attachment, time);
  return { key: await needs.pictures.put(bytes), bytes, owner };
}

/**
 * The bytes of an uploaded picture. Its name and content type are ignored, because its sender chose them.
 *
 * @param time milliseconds it may take.
 * @throws Refusal for files that do not start like a picture, are too large, or are not on Discord's CDN.
 */
export async function fetchAttachment(
  { config, log }: FetchNeeds,
  { url, size }: AnAttachment,
  time = FETCH_TIMEOUT,
): Promise<Uint8Array> {
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  if (size > FILE_LIMIT) throw new Refusal('fileSize', { size: megabytes(size), limit: megabytes(FILE_LIMIT) });
  if (!cdnHosts(config.discordApiUrl).includes(new URL(url).host)) throw new Refusal('host');
  const bytes = await download(url, { bytes: FILE_LIMIT, time }).catch((error) => {
    log.warn({ err: error }, 'an attachment could not be fetched');
    throw new Refusal('fetch');
  });
  if (!pictureFormat(bytes)) throw new Refusal('notPicture');
  return bytes;
}

/** The pictures attached to a message, at least one. @throws Refusal if there is none. */
export function picturesIn({ attachments }: Message): [Attachment, ...Attachment[]] {
  const [first, ...others] = attachments.filter(({ contentType }) => contentType?.startsWith('image/')).values();
  if (!first) throw new Refusal('noPicture');
  return [first, ...others];
}

/** The flag exists since June 2026 (change log, 2026-06-24); before, and still, the file's name says it. */
export function isSpoiler({ spoiler, name }: Pick<Attachment, 'spoiler' | 'name'>): boolean {
  return spoiler || name.startsWith('SPOILER_');
}

/** The only hosts that files are downloaded from. */
function cdnHosts(apiUrl: string | undefined): string[] {
  return apiUrl ? [new URL(apiUrl).host] : ['cdn.discordapp.com', 'media.discordapp.net'];
}

/**
 * Picture `index` (from 1) of a result: from the cache, otherwise cut out of the grid in Discord's message, whose
 * address is requested again because it expires.
 *
 * @param owner the member who asks.
 * @returns its key in the picture cache. @throws Refusal if both are gone.
 */
export async function pictureOf(
  needs: PictureNeeds,
  job: string,
  index: number,
  record: ResultRecord,
  message: Message,
  owner: string,
): Promise<string> {
  const key = pictureKey(job, index);
  if (await needs.pictures.get(key)) return key;
  const grid = await fileIn(needs, await message.fetch().catch(() => message));
  return needs.pictures.put(await pieceOf(needs, grid, index, record, owner), key);
}

/**
 * Some pictures of a result, as {@link pictureOf} finds them; the message's file is fetched at most once.
 *
 * @param message the result's; null if it is gone. @param time milliseconds to fetch its file.
 */
export async function filesOf(
  needs: PictureNeeds,
  { job, record }: Found,
  indexes: readonly number[],
  message: () => Promise<Message | null>,
  { owner, time }: { readonly owner: string; readonly time: number },
): Promise<Uint8Array[]> {
  let grid: Uint8Array | undefined;
  const files: Uint8Array[] = [];
  // One after the other: a member may only have one picture opened at a time.
  for (const index of indexes) {
    const cached = await needs.pictures.get(pictureKey(job, index));
    grid ??= cached ? undefined : await fileIn(needs, await message(), time);
    files.push(cached ?? (await pieceOf(needs, grid!, index, record, owner)));
  }
  return files;
}

async function fileIn(needs: FetchNeeds, message: Message | null, time?: number): Promise<Uint8Array> {
  const [file] = [...(message?.attachments.values() ?? [])];
  if (!file) throw new Refusal('gone');
  return fetchAttachment(needs, file, time);
}

function pieceOf(
  { inspectors }: PictureNeeds,
  grid: Uint8Array,
  index: number,
  { request, shown }: ResultRecord,
  owner: string,
): Promise<Uint8Array> {
  return inspectors.cutOut(grid, request, index - 1, shown || request.count, owner);
}
