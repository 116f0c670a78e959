import { CheckpointError } from '../../errors.js';
import { elements } from '../../shape.js';
import type { ByteSource } from '../source.js';
import { DTYPE_BYTES, type DType, type StoredTensor } from '../tensor.js';
import { BLOCKS, type BlockName, blockBytes } from './blocks.js';

/** Headers are read in ever larger pieces. Those of language models, with their vocabularies, have a few megabytes. */
const FIRST_BYTES = 2 ** 20;
const MOST_BYTES = 2 ** 26;
/** Stable Diffusion has 1,200. */
const MAX_TENSORS = 2 ** 16;
const MAX_AXES = 4;
const DEFAULT_ALIGNMENT = 32;

/** ggml's numbers for its types (enum ggml_type); those that are missing are experiments and kinds for other devices. */
const TYPES: Readonly<Record<number, DType | BlockName>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  6: 'Q5_0',
  7: 'Q5_1',
  8: 'Q8_0',
  10: 'Q2_K',
  11: 'Q3_K',
  12: 'Q4_K',
  13: 'Q5_K',
  14: 'Q6_K',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  30: 'BF16',
};

/** Bytes of a value of metadata by its type: u8, i8, u16, i16, u32, i32, f32, bool; then text, array, u64, i64, f64. */
const VALUE_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8] as const;
const TEXT = 8;
const ARRAY = 9;
const UINT32 = 4;

/** The header goes on behind what was read. */
class Unfinished extends Error {}

/**
 * Reads the header of a GGUF file, versions 2 and 3 (docs/gguf.md, github.com/ggml-org/ggml): metadata, then for each
 * tensor its name, sides from the innermost outwards, type and place. Tensors are not read; those quantized in blocks
 * are decoded when they are.
 *
 * @throws CheckpointError for anything the format forbids, and for types that are not in use for pictures.
 */
export async function readGguf(source: ByteSource): Promise<Map<string, StoredTensor>> {
  for (let length = FIRST_BYTES; ; length *= 8) {
    const head = await source.read(0, Math.min(length, source.size));
    try {
      return new Header(source, head).tensors();
    } catch (error) {
      if (!(error instanceof Unfinished)) throw error;
      if (head.length === source.size) throw damaged(source.path, 'it ends within its header');
      if (length >= MOST_BYTES) throw damaged(source.path, 'its header is far longer than any model needs');
    }
  }
}

class Header {
  #at = 4;

  constructor(
    private readonly source: ByteSource,
    private readonly head: Buffer,
  ) {}

  tensors(): Map<string, StoredTensor> {
    const version = this.#take(4).readUInt32LE();
    if (version !== 2 && version !== 3) {
      throw new CheckpointError(
        `${this.source.path}: this is GGUF of version ${version}; Easel reads 2 and 3. Convert the model again.`,
      );
    }
    const count = this.#count();
    const facts = this.#count();
    if (count > MAX_TENSORS) throw damaged(this.source.path, `it is said to hold ${count} tensors`);
    const alignment = this.#alignment(facts);
    const entries = Array.from({ length: count }, () => this.#entry());
    const start = Math.ceil(this.#at / alignment) * alignment;
    const tensors = new Map<string, StoredTensor>();
    for (const { name, shape, type, offset } of entries) {
      const bytes =
        type in BLOCKS ? blockBytes(type as BlockName, elements(shape)) : elements(shape) * DTYPE_BYTES[type as DType];
      if (offset % alignment !== 0 || start + offset + bytes > this.source.size) {
        throw damaged(this.source.path, `tensor "${shown(name)}" is not where it is said to be`);
      }
      if (tensors.has(name)) throw damaged(this.source.path, `two tensors are called "${shown(name)}"`);
      const place = { shape, file: this.source.file, offset: start + offset };
      tensors.set(
        name,
        type in BLOCKS ? { ...place, dtype: 'F16', blocks: type as BlockName } : { ...place, dtype: type as DType },
      );
    }
    return tensors;
  }

  /** Reads past the metadata, of which only the tensors' alignment matters. */
  #alignment(facts: number): number {
    let alignment = DEFAULT_ALIGNMENT;
    for (let k = 0; k < facts; k++) {
      const key = this.#text();
      const type = this.#take(4).readUInt32LE();
      if (key === 'general.alignment' && type === UINT32) alignment = this.#take(4).readUInt32LE();
      else this.#skip(type);
    }
    if (alignment === 0 || alignment % 8 !== 0) throw damaged(this.source.path, `its alignment is ${alignment}`);
    return alignment;
  }

  #skip(type: number): void {
    if (type === TEXT) this.#take(this.#count());
    else if (type === ARRAY) {
      const inner = this.#take(4).readUInt32LE();
      const count = this.#count();
      const size = VALUE_BYTES[inner];
      if (size !== undefined) this.#take(count * size);
      else if (inner === TEXT) for (let k = 0; k < count; k++) this.#take(this.#count());
      else throw damaged(this.source.path, `its metadata has an array of type ${inner}`);
    } else {
      const size = VALUE_BYTES[type];
      if (size === undefined) throw damaged(this.source.path, `its metadata has a value of type ${type}`);
      this.#take(size);
    }
  }

  #entry() {
    const name = this.#text();
    const axes = this.#take(4).readUInt32LE();
    if (axes > MAX_AXES) throw damaged(this.source.path, `tensor "${shown(name)}" has ${axes} axes`);
    const shape = Array.from({ length: axes }, () => this.#count()).reverse();
    const number = this.#take(4).readUInt32LE();
    const offset = this.#count();
    const type = TYPES[number];
    if (type === undefined) {
      throw new CheckpointError(
        `${this.source.path}: tensor "${shown(name)}" has ggml's type ${number}, which Easel cannot read. Take the model in q8_0, q5_1, q5_0, q4_1, q4_0, q2_K to q6_K, f16 or f32.`,
      );
    }
    const row = type in BLOCKS ? BLOCKS[type as BlockName].numbers : 1;
    if (!Number.isSafeInteger(elements(shape)) || (shape.at(-1) ?? 1) % row !== 0) {
      throw damaged(this.source.path, `tensor "${shown(name)}" has the impossible shape [${shape}]`);
    }
    return { name, shape, type, offset };
  }

  #text(): string {
    return this.#take(this.#count()).toString('utf8');
  }

  #count(): number {
    const count = this.#take(8).readBigUInt64LE();
    if (count > BigInt(Number.MAX_SAFE_INTEGER))
      throw damaged(this.source.path, `it has a number of ${count} in its header`);
    return Number(count);
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.head.length) {
      if (this.#at + length > this.source.size) throw damaged(this.source.path, 'it ends within its header');
      throw new Unfinished();
    }
    this.#at += length;
    return this.head.subarray(this.#at - length, this.#at);
  }
}

function shown(name: string): string {
  return name.slice(0, 100);
}

function damaged(path: string, what: string): CheckpointError {
  return new CheckpointError(`${path}: ${what}. The file is damaged or is not in GGUF format: download it again.`);
}
