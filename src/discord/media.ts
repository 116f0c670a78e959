import { createHash } from 'node:crypto';
import { invalidForm } from './error.js';

/** An attachment as it is shown, with its addresses. */
interface File {
  readonly id: string;
  readonly filename: string;
  readonly url: string;
  readonly size: number;
  readonly content_type?: string;
  readonly width?: number | null;
  readonly height?: number | null;
}

interface Media {
  url: string;
}

/** A component of either version, as far as media are concerned. */
interface Part {
  description?: string | null;
  spoiler?: boolean;
  components?: Part[];
  accessory?: Part;
  items?: { media: Media }[];
  media?: Media;
  file?: Media;
}

const REFERENCE = 'attachment://';
/** Loaded (discord-api-types, UnfurledMediaItemLoadingState). */
const LOADED = 2;

/** Replaces an embed's `attachment://name` by the attachment's address, as Discord does. */
export function resolveEmbed<E extends { image?: Media; thumbnail?: Media }>(embed: E, files: readonly File[]): E {
  const resolved = (media: Media) => {
    const file = referred(media, files);
    return file ? { ...media, url: file.url, proxy_url: file.url, width: file.width, height: file.height } : media;
  };
  const { image, thumbnail } = embed;
  return { ...embed, ...(image && { image: resolved(image) }), ...(thumbnail && { thumbnail: resolved(thumbnail) }) };
}

/**
 * Replaces `attachment://name` in galleries, thumbnails and files by the attachment's address and what is known of it
 * (documentation, "Unfurled Media Item").
 */
export function resolveComponents<P>(components: readonly P[], files: readonly File[]): P[] {
  return (components as readonly Part[]).map((part) => ({
    ...part,
    ...(part.components && { components: resolveComponents(part.components, files) }),
    ...(part.accessory && { accessory: resolveComponents([part.accessory], files)[0] }),
    ...(part.items && { items: part.items.map((item) => shown(item, files)) }),
    ...(part.media && shown(part as Part & { media: Media }, files)),
    ...(part.file && resolveFile(part, part.file, files)),
  })) as P[];
}

function shown<I extends { media: Media; description?: string | null; spoiler?: boolean }>(
  item: I,
  files: readonly File[],
): I {
  return { description: null, spoiler: false, ...item, media: unfurled(item.media, files) };
}

function resolveFile(part: Part, media: Media, files: readonly File[]): object {
  const { filename: name = null, size = null } = referred(media, files) ?? {};
  return { spoiler: part.spoiler ?? false, name, size, file: unfurled(media, files) };
}

function unfurled(media: Media, files: readonly File[]): Media {
  const file = referred(media, files);
  if (!file) return { ...media, ...{ id: idOf(media.url), proxy_url: media.url, loading_state: LOADED } };
  const { id, url, content_type, width = null, height = null } = file;
  const known = { id, url, proxy_url: url, width, height, content_type, attachment_id: id, loading_state: LOADED };
  return { ...media, ...known };
}

/** An id for a picture elsewhere: always the same. */
function idOf(url: string): string {
  return BigInt(`0x${createHash('sha256').update(url).digest('hex').slice(0, 15)}`).toString();
}

/** @param names of the message's files. @throws DiscordError 50035 for a reference to a file that is not among them. */
export function checkReferences(components: readonly object[], names: readonly string[]): void {
  const check = (media: Media | undefined, at: string) => {
    if (!media?.url.startsWith(REFERENCE) || names.includes(media.url.slice(REFERENCE.length))) return;
    throw invalidForm(
      `${at}.url`,
      'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
      'The referenced attachment was not found',
    );
  };
  const visit = (part: Part, at: string) => {
    check(part.media, `${at}.media`);
    check(part.file, `${at}.file`);
    for (const [k, { media }] of (part.items ?? []).entries()) check(media, `${at}.items[${k}].media`);
    for (const [k, inner] of (part.components ?? []).entries()) visit(inner, `${at}.components[${k}]`);
    if (part.accessory) visit(part.accessory, `${at}.accessory`);
  };
  for (const [k, part] of (components as readonly Part[]).entries()) visit(part, `components[${k}]`);
}

function referred({ url }: Media, files: readonly File[]): File | undefined {
  return files.find(({ filename }) => url === `${REFERENCE}${filename}`);
}
