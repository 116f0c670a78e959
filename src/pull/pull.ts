import { lstat, mkdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { sha256 as hashOf } from '../engine/checkpoint/hash.js';
import { EaselError } from '../engine/errors.js';
import { takeFrom } from './at-hand.js';
import { download } from './download.js';
import { explain } from './explain.js';
import type { Plan, PlannedFile } from './plan.js';
import { writeRecord } from './record.js';
import { HttpRefusal } from './refused.js';
import { sizeOf } from './size.js';
import type { Web } from './web.js';

/** Files at a time. More are no faster, and some hosts refuse them. */
const AT_ONCE = 4;
/** Bytes left free for everything else on the disk. */
const SPARE = 64 * 2 ** 20;
const MOST_LICENCE = 2 ** 20;

export interface PullOptions {
  readonly endpoint: URL;
  /** Absolute. */
  readonly modelsDir: string;
  /** Called with the bytes of all files that are here, and of all there are. */
  readonly onProgress: (received: number, total: number) => void;
  /** Called for each file that is finished. */
  readonly onFile: (file: PulledFile) => void;
  /** Free bytes of the disk that a folder is on. */
  readonly free?: (folder: string) => Promise<number>;
}

export interface PulledFile {
  readonly path: string;
  readonly sha256: string;
  readonly how: 'fetched' | 'taken from this machine' | 'already here';
}

/** Fetches what is planned, several files at a time, and writes down where it comes from. @throws EaselError */
export async function pull(web: Web, plan: Plan, options: PullOptions): Promise<PulledFile[]> {
  const { endpoint, modelsDir, onProgress, onFile, free = freeBytes } = options;
  await readyFor(modelsDir);
  const here = new Map<PlannedFile, string>();
  for (const file of plan.files) {
    const digest = await alreadyHere(join(modelsDir, file.to), file);
    if (digest !== undefined) here.set(file, digest);
  }
  await askForSpace(plan, here, modelsDir, free);
  const total = plan.files.reduce((sum, { size = 0 }) => sum + size, 0);
  const received = new Map(plan.files.map((file) => [file, here.has(file) ? (file.size ?? 0) : 0]));
  const tell = (file: PlannedFile, bytes: number) => {
    received.set(file, bytes);
    const sum = [...received.values()].reduce((sum, bytes) => sum + bytes, 0);
    onProgress(sum, Math.max(total, sum));
  };
  const done: PulledFile[] = [];
  const fetchOne = async (file: PlannedFile) => {
    const path = join(modelsDir, file.to);
    const known = here.get(file);
    const how =
      known !== undefined ? 'already here' : (await taken(file, path)) ? 'taken from this machine' : 'fetched';
    const digest =
      known ??
      (how === 'fetched' ? await download(web, { ...file, path }, (bytes) => tell(file, bytes)) : file.sha256!);
    tell(file, file.size ?? (await stat(path)).size);
    const pulled: PulledFile = { path, sha256: digest, how };
    done.push(pulled);
    onFile(pulled);
  };
  const queue = new PQueue({ concurrency: AT_ONCE });
  try {
    await Promise.all(
      plan.files.map((file) =>
        queue
          .add(() => fetchOne(file))
          .catch((error: unknown) => {
            // The others would only be waited for.
            queue.clear();
            web.stop();
            throw error;
          }),
      ),
    );
  } catch (error) {
    await queue.onIdle();
    throw inWords(error, plan, endpoint, modelsDir);
  }
  const text = plan.licenceFile && (await textOf(web, plan.licenceFile));
  await writeRecord(join(modelsDir, plan.name), {
    ...plan,
    files: plan.files.map(({ to }) => ({ to, sha256: done.find(({ path }) => path === join(modelsDir, to))!.sha256 })),
    ...(text && { text }),
  });
  return done;
}

async function taken({ sha256, size, atHand }: PlannedFile, path: string): Promise<boolean> {
  return sha256 !== undefined && size !== undefined && takeFrom(atHand, path, size, sha256);
}

/** The hash of a file that is here and is the right one. @throws EaselError if another one has its name. */
async function alreadyHere(path: string, { size, sha256, gitOid, to }: PlannedFile): Promise<string | undefined> {
  if (!(await lstat(path).catch(() => null))) return undefined;
  const found = await stat(path).catch(() => null);
  const digest = found?.isFile() && (size === undefined || found.size === size) ? await hashOf([path]) : undefined;
  // A small file of the same size was made from the same one, or will do as well.
  if (digest !== undefined && (sha256 === undefined || sha256 === digest || gitOid !== undefined)) return digest;
  throw new EaselError(
    `${path} is there already, and is not what would be fetched as ${to}. Move it away, and give the same command again.`,
  );
}

async function readyFor(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new EaselError(
      `${folder} cannot be made (${(cause as NodeJS.ErrnoException).code}). Choose another folder with --into.`,
      { cause },
    );
  }
}

/** What is here already, and parts from an earlier run, need no more space. */
async function askForSpace(
  plan: Plan,
  here: ReadonlyMap<PlannedFile, string>,
  folder: string,
  free: (folder: string) => Promise<number>,
) {
  let needed = 0;
  for (const file of plan.files) {
    if (here.has(file)) continue;
    const part = (await stat(`${join(folder, file.to)}.part`).catch(() => null))?.size ?? 0;
    needed += Math.max((file.size ?? 0) - part, 0);
  }
  const left = await free(folder);
  if (needed > 0 && needed + SPARE > left) {
    throw new EaselError(
      `${plan.title} needs ${sizeOf(needed)}, but only ${sizeOf(Math.max(left, 0))} are free where ${folder} is. Free some space, or choose another folder with --into.`,
    );
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function inWords(error: unknown, { repo, known }: Plan, endpoint: URL, folder: string): unknown {
  if (error instanceof HttpRefusal) {
    return explain(error, { endpoint, ...(repo !== undefined && { repo }), ...(known !== undefined && { known }) });
  }
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EaselError(
      `The disk of ${folder} is full. What has arrived is kept: free some space, and give the same command again.`,
      { cause: error },
    );
  }
  if (
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EROFS' ||
    code === 'EFBIG' ||
    code === 'ENOTDIR' ||
    code === 'ELOOP'
  ) {
    return new EaselError(`${folder} cannot be written to (${code}). Choose another folder with --into.`, {
      cause: error,
    });
  }
  return error;
}

/** The licence's text; without it the record has its address. */
async function textOf(web: Web, url: URL): Promise<string | undefined> {
  try {
    const response = await web.fetch(url);
    const text = await response.text();
    return text.length > MOST_LICENCE ? undefined : text;
  } catch (error) {
    web.signal.throwIfAborted();
    if (error instanceof EaselError) return undefined;
    throw error;
  }
}
