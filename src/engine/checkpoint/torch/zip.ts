import { crc32, inflateRawSync } from 'node:zlib';
import { CheckpointError } from '../../errors.js';
import type { ByteSource } from '../source.js';

/** A member of a zip archive (PKWARE's APPNOTE.TXT 6.3). Offsets and sizes in bytes, checked against the file. */
export interface ZipEntry {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  crc: number;
  compressedSize: number;
  size: number;
  headerOffset: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_DIRECTORY_BYTES = 32 * 2 ** 20;
const CHUNK = 1 << 22;

/** Lists the archive from its central directory, ZIP64 included. Names are only ever compared, never opened. */
export async function readDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { offset, size, count } = await findDirectory(source);
  if (size > MAX_DIRECTORY_BYTES || offset + size > source.size)
    throw damaged(source, 'its directory is outside the file');
  const bytes = await source.read(offset, size);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL)
      throw damaged(source, 'its directory is cut short');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.length) throw damaged(source, 'its directory is cut short');
    if (bytes.readUInt16LE(at + 8) & 1) throw unreadable(source, 'it is an encrypted archive');
    const entry: ZipEntry = {
      name: bytes.toString('utf8', at + 46, at + 46 + nameLength),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      compressedSize: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      headerOffset: bytes.readUInt32LE(at + 42),
    };
    widen(source, entry, bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength));
    if (entries.has(entry.name)) throw damaged(source, `it holds "${entry.name.slice(0, 80)}" twice`);
    if (entry.headerOffset + 30 + entry.compressedSize > offset)
      throw damaged(source, `"${entry.name.slice(0, 80)}" is outside the file`);
    if (entry.method === 0 && entry.size !== entry.compressedSize)
      throw damaged(source, 'a stored entry has two sizes');
    entries.set(entry.name, entry);
    at = next;
  }
  return entries;
}

/** File offset of an entry's (possibly compressed) bytes, which its own header moves: torch pads there to align them. */
export async function dataOffset(source: ByteSource, entry: ZipEntry): Promise<number> {
  const header = await source.read(entry.headerOffset, 30);
  if (header.readUInt32LE(0) !== LOCAL || header.readUInt16LE(8) !== entry.method) {
    throw damaged(source, `"${entry.name.slice(0, 80)}" is not where the directory says`);
  }
  const offset = entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (offset + entry.compressedSize > source.size)
    throw damaged(source, `"${entry.name.slice(0, 80)}" is outside the file`);
  return offset;
}

/** An entry's bytes, inflated if need be. @param limit bytes; more are refused before anything is allocated. */
export async function readEntry(source: ByteSource, entry: ZipEntry, limit: number): Promise<Buffer> {
  if (entry.size > limit || entry.compressedSize > limit) {
    throw unreadable(source, `"${entry.name.slice(0, 80)}" takes ${entry.size} bytes, more than the ${limit} allowed`);
  }
  const stored = await source.read(await dataOffset(source, entry), entry.compressedSize);
  const bytes = entry.method === 0 ? stored : inflate(source, entry, stored);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw checksum(source, entry);
  return bytes;
}

/** Reads a stored entry through, in pieces. @throws CheckpointError if its bytes are not those that were written. */
export async function verifyEntry(source: ByteSource, entry: ZipEntry, offset: number): Promise<void> {
  let crc = 0;
  for (let done = 0; done < entry.size; done += CHUNK) {
    crc = crc32(await source.read(offset + done, Math.min(CHUNK, entry.size - done)), crc);
  }
  if (crc !== entry.crc) throw checksum(source, entry);
}

function inflate(source: ByteSource, entry: ZipEntry, stored: Buffer): Buffer {
  if (entry.method !== 8)
    throw unreadable(source, `"${entry.name.slice(0, 80)}" is not compressed the way torch.save does it`);
  try {
    return inflateRawSync(stored, { maxOutputLength: Math.max(entry.size, 1) });
  } catch (cause) {
    throw damaged(source, `"${entry.name.slice(0, 80)}" cannot be inflated to its ${entry.size} bytes`, cause);
  }
}

async function findDirectory(source: ByteSource): Promise<{ offset: number; size: number; count: number }> {
  // The end record has 22 bytes and a comment of at most 65535.
  const tail = await source.read(Math.max(0, source.size - 65557), Math.min(source.size, 65557));
  let at = tail.length - 22;
  while (at >= 0 && (tail.readUInt32LE(at) !== END || at + 22 + tail.readUInt16LE(at + 20) > tail.length)) at--;
  if (at < 0) throw damaged(source, 'its end is missing');
  const end = {
    offset: tail.readUInt32LE(at + 16),
    size: tail.readUInt32LE(at + 12),
    count: tail.readUInt16LE(at + 10),
  };
  if (end.offset !== 0xffffffff && end.size !== 0xffffffff && end.count !== 0xffff) return end;
  const locator = source.size - tail.length + at - 20;
  if (locator < 0) throw damaged(source, 'its end is missing');
  const pointer = await source.read(locator, 20);
  if (pointer.readUInt32LE(0) !== END64_LOCATOR) throw damaged(source, 'its end is missing');
  const end64 = await source.read(safe(source, pointer.readBigUInt64LE(8)), 56);
  if (end64.readUInt32LE(0) !== END64) throw damaged(source, 'its end is missing');
  const [count, size, offset] = [32, 40, 48].map((field) => safe(source, end64.readBigUInt64LE(field))) as [
    number,
    number,
    number,
  ];
  return { offset, size, count };
}

/** Replaces fields that did not fit into 32 bits by those of the ZIP64 extra field, which lists only such fields. */
function widen(source: ByteSource, entry: ZipEntry, extra: Buffer): void {
  const wanted = (['size', 'compressedSize', 'headerOffset'] as const).filter((field) => entry[field] === 0xffffffff);
  if (wanted.length === 0) return;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    if (at + 4 + 8 * wanted.length > extra.length) break;
    wanted.forEach((field, k) => {
      entry[field] = safe(source, extra.readBigUInt64LE(at + 4 + 8 * k));
    });
    return;
  }
  throw damaged(source, 'a ZIP64 field is missing');
}

function safe(source: ByteSource, value: bigint): number {
  if (value > BigInt(source.size) * 1100n) throw damaged(source, 'it points outside the file');
  return Number(value);
}

function checksum(source: ByteSource, { name }: ZipEntry): CheckpointError {
  return damaged(source, `the checksum of "${name.slice(0, 80)}" does not match its bytes`);
}

/** For what may be whole: to download it again would change nothing. */
export function unreadable(source: ByteSource, what: string, cause?: unknown): CheckpointError {
  return new CheckpointError(
    `${source.path}: ${what}. Easel cannot read such files: use the model as .safetensors, or as torch.save wrote it.`,
    { cause },
  );
}

export function damaged(source: ByteSource, what: string, cause?: unknown): CheckpointError {
  return new CheckpointError(`${source.path}: ${what}. The file is damaged: download it again.`, { cause });
}
