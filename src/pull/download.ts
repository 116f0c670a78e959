import type { Response } from 'undici';
import { EaselError } from '../engine/errors.js';
import { PartFile } from './part-file.js';
import { ConnectionLost, nameOf } from './refused.js';
import { LEAST_BYTES, lost, type Web } from './web.js';

/** One file to fetch. */
export interface Wanted {
  readonly url: URL;
  /** Where it goes. */
  readonly path: string;
  /** In bytes; undefined if nobody says. */
  readonly size?: number;
  /** SHA-256 of all bytes, in hex. */
  readonly sha256?: string;
  /** The Hub's hash of a small file: SHA-1 of a git blob. */
  readonly gitOid?: string;
}

/** Tries in a row that bring less than a mebibyte, after which the connection is given up. */
const TRIES = 5;
const PROGRESS = 2 ** 20;
/** The most that a file may have if nobody says how large it is. */
const MOST_BYTES = 64 * 2 ** 30;

/**
 * Fetches a file, going on where an earlier try or run stopped, and checks it.
 *
 * @param onBytes how many bytes of it are here.
 * @returns its SHA-256. @throws EaselError. What has arrived stays, unless it is not what it should be.
 */
export async function download(web: Web, wanted: Wanted, onBytes: (bytes: number) => void): Promise<string> {
  const { url, path, size, sha256, gitOid } = wanted;
  const digest = sha256 ?? gitOid;
  const part = await PartFile.open(path, {
    from: nameOf(url),
    ...(digest && { digest }),
    ...(size !== undefined && { size }),
  });
  let kept = true;
  try {
    onBytes(part.size);
    await fill(web, wanted, part, onBytes);
    kept = false;
    await check(wanted, part);
    const digits = part.sha256();
    await part.finish();
    return digits;
  } catch (error) {
    await (kept && !(error instanceof WrongFile) ? part.leave() : part.discard()).catch(() => {});
    throw error;
  }
}

/** Not what was asked for: fetching on would not make it right. */
class WrongFile extends EaselError {}

async function fill(web: Web, wanted: Wanted, part: PartFile, onBytes: (bytes: number) => void): Promise<void> {
  for (let tried = 1; ; tried++) {
    const before = part.size;
    try {
      return await receive(web, wanted, part, onBytes);
    } catch (error) {
      web.signal.throwIfAborted();
      if (!(error instanceof ConnectionLost)) throw error;
      if (part.size - before >= PROGRESS) tried = 1;
      if (tried >= TRIES) {
        throw new EaselError(`${error.message} What has arrived is kept: the same command goes on from there.`, {
          cause: error,
        });
      }
      await web.pause(tried, error.message);
    }
  }
}

async function receive(web: Web, { url, path, size }: Wanted, part: PartFile, onBytes: (bytes: number) => void) {
  if (part.size > 0 && part.size === size) return;
  // Without a strong ETag nothing says whether the rest is of the same file (RFC 9110, 13.1.5): begin again.
  const resumes = part.size > 0 && part.etag !== undefined;
  if (part.size > 0 && !resumes) await part.restart();
  const stalled = new AbortController();
  const asked: Record<string, string> = resumes ? { range: `bytes=${part.size}-`, 'if-range': part.etag! } : {};
  const response = await web.get(url, asked, stalled.signal);
  const etag = strong(response.headers.get('etag'));
  const isRest = response.status === 206 && goesOn(response, part, etag, size);
  if (!isRest) {
    if (response.status !== 200) {
      await response.body?.cancel().catch(() => {});
      await part.restart();
      onBytes(0);
      throw new ConnectionLost(`${url.host} does not go on where it stopped (status ${response.status}).`);
    }
    await part.restart(etag);
    onBytes(0);
  }
  const length = response.headers.get('content-length');
  const left = length === null || !/^\d+$/.test(length) ? undefined : Number(length);
  const total = size ?? (left === undefined ? undefined : part.size + left);
  refusePage(response, wantedName(path), url);
  const most = total ?? MOST_BYTES;
  let recent = 0;
  const watch = setInterval(() => {
    if (recent < LEAST_BYTES) stalled.abort(new Error('it brings nothing any more'));
    recent = 0;
  }, web.patience);
  try {
    for await (const chunk of response.body ?? []) {
      const bytes = chunk as Uint8Array;
      recent += bytes.length;
      if (part.size + bytes.length > most) {
        throw new WrongFile(
          `${nameOf(url)} sends more than the ${most} bytes that it should have. Nothing of it is kept.`,
        );
      }
      await part.append(bytes);
      onBytes(part.size);
    }
  } catch (error) {
    if (error instanceof EaselError || (error as NodeJS.ErrnoException).syscall === 'write') throw error;
    web.signal.throwIfAborted();
    throw stalled.signal.aborted ? new ConnectionLost(`${url.host} brings nothing any more.`) : lost(url, error);
  } finally {
    clearInterval(watch);
  }
  if (total !== undefined && part.size < total) {
    throw new ConnectionLost(`${url.host} stopped after ${part.size} of ${total} bytes.`);
  }
}

/** Whether an answer with a part of the file is the rest of ours. */
function goesOn(response: Response, part: PartFile, etag: string | undefined, size: number | undefined): boolean {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (!range || Number(range[1]) !== part.size) return false;
  // Some hosts ignore If-Range, so it is compared here as well.
  if (etag !== undefined && etag !== part.etag) return false;
  return size === undefined || range[2] === '*' || Number(range[2]) === size;
}

/** Weak ones do not say that all bytes are the same. */
function strong(etag: string | null): string | undefined {
  return etag?.startsWith('"') ? etag : undefined;
}

function wantedName(path: string): string {
  return path.split(/[/\\]/).at(-1)!;
}

/** A page for people where a file should be: a login, a warning, a captcha. */
function refusePage(response: Response, name: string, url: URL): void {
  if (/\.(html?|md|txt)$/i.test(name)) return;
  if (/^\s*text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    void response.body?.cancel().catch(() => {});
    throw new WrongFile(pageInstead(url));
  }
}

function pageInstead(url: URL): string {
  return `${nameOf(url)} is a web page, not a file: perhaps it wants you to log in or to agree to something. Open it in a browser, and give the address of the download itself.`;
}

async function check({ url, path, size, sha256, gitOid }: Wanted, part: PartFile): Promise<void> {
  if (/^\s*<(!doctype html|html)\b/i.test(part.head.toString('latin1')) && !/\.(html?|md|txt)$/i.test(path)) {
    throw new WrongFile(pageInstead(url));
  }
  if (size !== undefined && part.size !== size) {
    throw new WrongFile(`${nameOf(url)} has ${part.size} bytes instead of ${size}. Nothing of it is kept.`);
  }
  const got = sha256 ? part.sha256() : gitOid ? await part.gitOid() : undefined;
  const should = sha256 ?? gitOid;
  if (got !== should) {
    throw new WrongFile(
      `${nameOf(url)} is not the file it should be: its hash is ${got}, not ${should}. Nothing of it is kept. Try again; if that does not help, do not use this copy.`,
    );
  }
}
