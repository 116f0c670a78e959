import { fileURLToPath } from 'node:url';
import { malformed, shown } from '../check.js';
import { EaselError } from '../errors.js';
import { FileRefused, readWhole } from '../regular-file.js';
import { checkPixels, type Pixels } from './pixels.js';

/** A picture's file: its path or its URL (`file:`, `data:`, `http:` or `https:`), both also as texts, or its bytes. */
export type PictureFile = string | URL | Uint8Array;

/** Wherever a picture is taken: its pixels, or its file. */
export type PictureSource = Pixels | PictureFile;

/** Of a picture that is opened, unless another number is given. */
export const MAX_PIXELS = 100e6;
/** Of the file; a picture of MAX_PIXELS in 8-bit RGBA, stored without compression. */
const MAX_BYTES = 4 * MAX_PIXELS;
/** Milliseconds for all of a picture from the web, redirects included, of which fetch follows twenty. */
const LONGEST_DOWNLOAD = 60_000;

const SCHEMES = ['file:', 'data:', 'http:', 'https:'];

export function isFile(source: PictureSource): source is PictureFile {
  return typeof source === 'string' || source instanceof URL || source instanceof Uint8Array;
}

/** @throws RequestError for what cannot be a picture; whether its file can be read is not looked at. */
export function checkPicture(key: string, source: unknown): void {
  const fields = Object(source) as Partial<Pixels>;
  if (source instanceof URL) {
    if (SCHEMES.includes(source.protocol)) return;
  } else if (typeof source === 'string' || source instanceof Uint8Array) {
    if (source.length > 0 && !(typeof source === 'string' && source.includes('\0'))) return;
  } else if ('width' in fields && 'data' in fields) {
    checkPixels(key, fields as Pixels);
    return;
  }
  const got = source instanceof URL ? shownUrl(source) : shown(source);
  const remedy = 'pixels' in fields ? ': give its pixels' : '';
  throw malformed(
    key,
    `must be a picture: { width, height, data }, a file's path or bytes, or a file:, data:, http: or https: URL; got ${got}${remedy}.`,
  );
}

/** What messages call a file, without what may be secret in its URL. */
export function nameOf(file: PictureFile, otherwise = 'The picture'): string {
  if (file instanceof Uint8Array) return otherwise;
  const url = urlOf(file);
  return url ? shownUrl(url) : String(file);
}

/**
 * A picture file's bytes. Which addresses may be asked is for the caller to decide: give no strangers' texts.
 *
 * @throws EaselError if it is missing, unreadable, too large, or not a file; the signal's reason when it aborts.
 */
export async function readPicture(file: PictureFile, signal?: AbortSignal): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  const url = urlOf(file);
  if (!url) return readPictureFile(String(file));
  return url.protocol === 'file:' ? readPictureFile(pathOf(url)) : fetched(url, signal);
}

/** The bytes of a picture file. @throws as {@link readPicture}. */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path, MAX_BYTES);
  } catch (cause) {
    if (cause instanceof FileRefused) {
      throw new EaselError(`${path} cannot be opened as a picture: ${cause.message}. Use another file.`, { cause });
    }
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new EaselError(`There is no picture at ${path}. Check the path.`, { cause });
    throw new EaselError(`${path} cannot be read (${code}). Check its permissions.`, { cause });
  }
}

/** Undefined for a path: `C:\apple.png` has no scheme of these. */
function urlOf(file: string | URL): URL | undefined {
  if (typeof file !== 'string') return file;
  return SCHEMES.some((scheme) => file.toLowerCase().startsWith(scheme)) && URL.canParse(file)
    ? new URL(file)
    : undefined;
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new EaselError(`${shownUrl(url)} is no file of this machine. Check the address.`, { cause });
  }
}

function shownUrl({ protocol, host, pathname }: URL): string {
  return protocol === 'data:' ? 'The data: URL' : `${protocol}//${host}${pathname}`;
}

async function fetched(url: URL, signal?: AbortSignal): Promise<Uint8Array> {
  const late = AbortSignal.timeout(LONGEST_DOWNLOAD);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, late]) : late });
    if (!response.ok) throw new EaselError(`${shownUrl(url)} answers ${response.status}. Check the address.`);
    return await bytesOf(response, shownUrl(url));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof EaselError) throw cause;
    const { message, cause: deeper } = cause as Error;
    const reason = late.aborted
      ? `it takes longer than ${LONGEST_DOWNLOAD / 1000} seconds`
      : (deeper as Error | undefined)?.message || message;
    throw new EaselError(`${shownUrl(url)} cannot be fetched: ${reason}. Check the address.`, { cause });
  }
}

async function bytesOf({ body, headers }: Response, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = Number(headers.get('content-length'));
  const checked = () => {
    if (size > MAX_BYTES) throw new EaselError(`${name} is larger than ${MAX_BYTES / 1e6} MB. Use another file.`);
  };
  checked();
  size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    checked();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
