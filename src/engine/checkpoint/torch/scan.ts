import { CheckpointError } from '../../errors.js';
import { filesBelow } from '../../files-below.js';
import { WEIGHTS_NAME } from '../names.js';
import { ByteSource } from '../source.js';
import { isDangerous, isHarmless } from './imports.js';
import { namedBy } from './pickle.js';
import { readDirectory, readEntry } from './zip.js';

/** What the pickles in a file or folder would have Python import, beyond what every checkpoint has. Sorted. */
export interface Scan {
  /** All of them, as `module.name`. */
  readonly globals: readonly string[];
  /** Those with which a pickle could run programs, as picklescan (github.com/mmaitre314/picklescan) judges. */
  readonly dangerous: readonly string[];
}

/** Bytes of one pickle that are looked at: what comes after them in an honest one are weights. */
const MOST_BYTES = 16 * 2 ** 20;
/** Bytes of an archive inside an archive. */
const MOST_NESTED = 256 * 2 ** 20;
const DEPTH = 3;
const MOST_ENTRIES = 20_000;
/** Torch's own old format has five, one after another. */
const MOST_PICKLES = 100;
const TAR_BLOCK = 512;

/**
 * Looks for pickles wherever a program might load one: the file itself, several one after another, the entries of zip and
 * tar archives whatever they are called, and archives in those. Nothing is run, and what is damaged ends the look there.
 *
 * @param path a file, or a folder whose weights are looked at.
 */
export async function scanPickles(path: string): Promise<Scan> {
  const found = new Set<string>();
  const files = await filesBelow(path);
  for (const { path: file } of files) {
    if (files.length > 1 && !WEIGHTS_NAME.test(file)) continue;
    await ByteSource.use(file, (source) => scan(source, found, 0)).catch(ignoreDamage);
  }
  return scanOf(found);
}

/** {@link scanPickles} of a file that is open already. */
export async function scanSource(source: ByteSource): Promise<Scan> {
  const found = new Set<string>();
  await scan(source, found, 0).catch(ignoreDamage);
  return scanOf(found);
}

function scanOf(found: ReadonlySet<string>): Scan {
  const globals = [...found].filter((name) => !isHarmless(name)).sort();
  return { globals, dangerous: globals.filter(isDangerous) };
}

async function scan(source: ByteSource, found: Set<string>, depth: number): Promise<void> {
  const head = await source.read(0, Math.min(source.size, TAR_BLOCK));
  if (head.readUInt16BE(0) === 0x504b) return scanZip(source, found, depth);
  if (isTar(head)) return scanTar(source, found, depth);
  if (isSafetensors(head, source.size)) return;
  namedBy(await source.read(0, Math.min(source.size, MOST_BYTES)), MOST_PICKLES, found);
}

async function scanZip(source: ByteSource, found: Set<string>, depth: number): Promise<void> {
  const entries = [...(await readDirectory(source)).values()].slice(0, MOST_ENTRIES);
  for (const entry of entries) {
    const inside = `${source.path}: ${entry.name}`;
    // Numbers, which are nearly all of the file; a pickle among them is no smaller than its first bytes say.
    if (entry.size < 2 || entry.size > (depth < DEPTH ? MOST_NESTED : 0)) continue;
    const isPickle = /\.(pkl|pickle|p|dat|joblib)$/i.test(entry.name);
    if (!isPickle && entry.method === 0 && !(await mayHold(source, entry.headerOffset).catch(ignoreDamage))) continue;
    const bytes = await readEntry(source, entry, MOST_NESTED).catch(ignoreDamage);
    if (bytes) await scan(ByteSource.over(inside, bytes), found, depth + 1).catch(ignoreDamage);
  }
}

/** Whether a stored entry begins as a pickle or an archive does. */
async function mayHold(source: ByteSource, headerOffset: number): Promise<boolean> {
  const header = await source.read(headerOffset, Math.min(30, source.size - headerOffset));
  const start = headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const head = await source.read(start, Math.min(TAR_BLOCK, source.size - start));
  return (
    head.length > 1 &&
    ((head[0] === 0x80 && head[1]! <= 5) ||
      head.readUInt16BE(0) === 0x504b ||
      isTar(head) ||
      /^[c(]/.test(head.toString('latin1', 0, 1)))
  );
}

/** Torch before 0.1.10 wrote tar files, and torch.load still reads them. */
async function scanTar(source: ByteSource, found: Set<string>, depth: number): Promise<void> {
  for (let at = 0, k = 0; at + TAR_BLOCK <= source.size && k < MOST_ENTRIES; k++) {
    const header = await source.read(at, TAR_BLOCK);
    const size = Number.parseInt(header.toString('latin1', 124, 136).replace(/[\0 ]+$/, '') || '0', 8);
    if (!Number.isSafeInteger(size) || size < 0 || header[0] === 0) return;
    const start = at + TAR_BLOCK;
    if (size > 1 && start + size <= source.size && depth < DEPTH) {
      const bytes = await source.read(start, Math.min(size, MOST_NESTED));
      await scan(ByteSource.over(source.path, bytes), found, depth + 1).catch(ignoreDamage);
    }
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
}

/** By its checksum, which old ones without "ustar" have, too. */
function isTar(head: Buffer): boolean {
  if (head.length < TAR_BLOCK || head[0] === 0) return false;
  const stated = Number.parseInt(head.toString('latin1', 148, 156), 8);
  return !Number.isNaN(stated) && stated === head.reduce((sum, byte, k) => sum + (k >= 148 && k < 156 ? 32 : byte), 0);
}

function isSafetensors(head: Buffer, size: number): boolean {
  return head.length > 8 && head.readBigUInt64LE() < BigInt(size) && head[8] === 0x7b;
}

function ignoreDamage(error: unknown): undefined {
  if (error instanceof CheckpointError || error instanceof RangeError) return undefined;
  throw error;
}
