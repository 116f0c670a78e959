import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { readSafetensors } from '../checkpoint/safetensors.js';
import { ByteSource } from '../checkpoint/source.js';
import type { Int8Demand, Int8Matrix } from '../graph/form.js';
import { elements } from '../shape.js';
import { writeBy } from '../write-file.js';
import type { QuantizedValues } from './quantize.js';

/** Bytes read at a time when a file is checked. */
const PIECE = 1 << 22;
const DIGITS = 8;

/**
 * Writes quantized weights to one .safetensors file: scales first, then matrices, and a checksum for each, which
 * safetensors itself does not have.
 *
 * @param key identifies what they were made from.
 * @param note which model they belong to, for people.
 * @param make provides the values, in any order.
 */
export async function writeMatrices(
  path: string,
  { key, note }: { key: string; note: string },
  demands: readonly Int8Demand[],
  make: (take: (index: number, values: QuantizedValues) => Promise<void>) => Promise<void>,
): Promise<void> {
  const shapes = demands.map(({ shape: [outputs, ...rest] }) => [elements(rest), outputs!] as const);
  let end = 0;
  const place = (bytes: number) => {
    end += bytes;
    return [end - bytes, end] as const;
  };
  const scales = shapes.map(([, outputs]) => place(outputs * 4));
  const matrices = shapes.map(([rows, outputs]) => place(rows * outputs));
  const sums = new Array<string>(2 * demands.length).fill('0'.repeat(DIGITS));
  const header = () => {
    const entries = demands.flatMap(({ label }, k) => [
      [`${label}.scale`, { dtype: 'F32', shape: [shapes[k]![1]], data_offsets: scales[k] }],
      [`${label}.int8`, { dtype: 'I8', shape: shapes[k], data_offsets: matrices[k] }],
    ]);
    const text = JSON.stringify({
      __metadata__: { key, note, crc32: sums.join(' ') },
      ...Object.fromEntries(entries),
    });
    const json = Buffer.from(text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json]);
  };
  const start = header().length;
  await writeBy(path, async (file) => {
    await make(async (k, { matrix, scale }) => {
      for (const [at, [from], values] of [
        [2 * k, scales[k]!, scale],
        [2 * k + 1, matrices[k]!, matrix],
      ] as const) {
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        sums[at] = digits(crc32(bytes));
        await writeAll(file, bytes, start + from);
      }
    });
    await writeAll(file, header(), 0);
  });
}

/**
 * The weights in such a file; null if it is incomplete, damaged or has another key.
 *
 * @param whole reads all of it and compares the checksums; otherwise only its header is read.
 */
export async function readMatrices(
  path: string,
  key: string,
  demands: readonly Int8Demand[],
  whole = true,
): Promise<Int8Matrix[] | null> {
  try {
    const { tensors, metadata } = await readSafetensors(path);
    const sums = metadata.get('crc32')?.split(' ');
    if (metadata.get('key') !== key || sums?.length !== 2 * demands.length) return null;
    const found = demands.map(({ label, shape: [outputs, ...rest] }) => {
      const [scale, matrix] = [tensors.get(`${label}.scale`), tensors.get(`${label}.int8`)];
      const fits = scale?.dtype === 'F32' && matrix?.dtype === 'I8' && elements(scale.shape) === outputs;
      return fits && elements(matrix.shape) === elements(rest) * outputs! ? { scale, matrix } : null;
    });
    if (found.includes(null)) return null;
    if (!whole) return found as Int8Matrix[];
    const sound = await ByteSource.use(path, async (source) => {
      for (const [k, { scale, matrix }] of (found as Int8Matrix[]).entries()) {
        if ((await sumOf(source, scale.offset, elements(scale.shape) * 4)) !== sums[2 * k]) return false;
        if ((await sumOf(source, matrix.offset, elements(matrix.shape))) !== sums[2 * k + 1]) return false;
      }
      return true;
    });
    return sound ? (found as Int8Matrix[]) : null;
  } catch {
    // Whether it is missing or unreadable, it is written again.
    return null;
  }
}

async function sumOf(source: ByteSource, offset: number, length: number): Promise<string> {
  let sum = 0;
  for (let done = 0; done < length; done += PIECE) {
    sum = crc32(await source.read(offset + done, Math.min(PIECE, length - done)), sum);
  }
  return digits(sum);
}

function digits(sum: number): string {
  return sum.toString(16).padStart(DIGITS, '0');
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
