import { CheckpointError } from '../errors.js';
import { hasMoreMembers } from './json-members.js';
import { ByteSource } from './source.js';
import { DTYPE_BYTES, type DType, type StoredTensor } from './tensor.js';

/** As in the reference library (safetensors/src/tensor.rs). Stable Diffusion's header has 0.2 MB; metadata may be longer. */
const MAX_HEADER_BYTES = 100_000_000;
/**
 * Colons and commas outside texts: a tensor has about ten. Parsed JSON takes many times its text where it is all structure,
 * so this bounds the memory and the time that a hostile header can take.
 */
const MAX_HEADER_MARKS = 2_000_000;
/** Messages show shapes. */
const MAX_AXES = 16;

export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Map<string, string>;
}

/**
 * Reads the header of a .safetensors file: a uint64 length, that much JSON, then the tensors' bytes, which must fill the
 * rest of the file without holes or overlaps (https://huggingface.co/docs/safetensors). Tensor bytes are not read.
 *
 * @param maxTensors how many there may be, for small files: they are counted before the header is parsed.
 * @throws CheckpointError for anything the format forbids.
 */
export async function readSafetensors(path: string, maxTensors?: number): Promise<SafetensorsFile> {
  return ByteSource.use(path, async (source) => {
    const broken = (what: string) =>
      new CheckpointError(`${path}: ${what}. The file is damaged or is not in safetensors format: download it again.`);
    const unsupported = (what: string) =>
      new CheckpointError(`${path}: ${what}, which Easel cannot read. Use the model in F32, F16, BF16 or F8.`);
    if (source.size < 8) throw broken(`it has only ${source.size} bytes`);
    const headerLength = (await source.read(0, 8)).readBigUInt64LE(0);
    if (headerLength > BigInt(source.size - 8)) throw broken('its header is said to be longer than the file');
    if (headerLength > BigInt(MAX_HEADER_BYTES)) {
      throw new CheckpointError(
        `${path}: its header is too long: ${headerLength} bytes, and the safetensors format allows ${MAX_HEADER_BYTES}. Save it again with less metadata.`,
      );
    }
    const dataStart = 8 + Number(headerLength);
    const bytes = await source.read(8, Number(headerLength));
    // One more than tensors: what the file says of itself.
    if (maxTensors !== undefined && hasMoreMembers(bytes, maxTensors + 1)) {
      throw new CheckpointError(`${path}: it holds more than ${maxTensors} tensors, far more than such a file needs.`);
    }
    if (marksIn(bytes) > MAX_HEADER_MARKS) {
      throw new CheckpointError(`${path}: its header names far more tensors than any model has. Choose another file.`);
    }
    const header = parseHeader(bytes.toString('utf8'), broken);

    const tensors = new Map<string, StoredTensor>();
    const metadata = new Map<string, string>();
    const ranges: Range[] = [];
    for (const [name, value] of Object.entries(header)) {
      if (name === '__metadata__') {
        for (const [key, text] of metadataEntries(value, broken)) metadata.set(key, text);
        continue;
      }
      const { dtype, shape, begin, end } = parseEntry(name, value, broken, unsupported);
      ranges.push({ name, begin, end });
      tensors.set(name, { dtype, shape, file: source.file, offset: dataStart + begin });
    }
    checkCoverage(ranges, source.size - dataStart, broken);
    return { tensors, metadata };
  });
}

function marksIn(json: Buffer): number {
  let marks = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (byte === QUOTE) inText = !inText;
    else if (inText && byte === BACKSLASH) i++;
    else if (!inText && (byte === COLON || byte === COMMA)) marks++;
  }
  return marks;
}

const [QUOTE, BACKSLASH, COLON, COMMA] = Buffer.from('"\\:,') as unknown as [number, number, number, number];

type Broken = (what: string) => CheckpointError;
type Range = { name: string; begin: number; end: number };

function parseHeader(text: string, broken: Broken): object {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw broken('its header is not JSON');
  }
  if (!isObject(header)) throw broken('its header is not a JSON object');
  return header;
}

function metadataEntries(value: unknown, broken: Broken): [string, string][] {
  if (!isObject(value)) throw broken('its __metadata__ is not an object');
  const entries = Object.entries(value);
  if (entries.some(([, text]) => typeof text !== 'string'))
    throw broken('its __metadata__ contains values that are not texts');
  return entries;
}

function parseEntry(name: string, value: unknown, broken: Broken, unsupported: Broken) {
  const label = `tensor "${name.slice(0, 100)}"`;
  if (!isObject(value)) throw broken(`${label} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string') throw broken(`${label} has no dtype`);
  if (!Object.hasOwn(DTYPE_BYTES, dtype)) throw unsupported(`${label} has the dtype "${dtype.slice(0, 20)}"`);
  if (!isCounts(shape) || shape.length > MAX_AXES) throw broken(`${label} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw broken(`${label} has no valid data_offsets`);
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, side) => product * side, DTYPE_BYTES[dtype as DType]);
  if (end - begin !== bytes) throw broken(`${label} needs ${bytes} bytes but has ${end - begin}`);
  return { dtype: dtype as DType, shape, begin, end };
}

function checkCoverage(ranges: Range[], dataBytes: number, broken: Broken): void {
  let end = 0;
  for (const range of ranges.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (range.begin !== end) {
      throw broken(`tensor "${range.name.slice(0, 100)}" ${range.begin < end ? 'overlaps another' : 'follows a hole'}`);
    }
    end = range.end;
  }
  if (end !== dataBytes) throw broken(`its tensors take ${end} bytes, but ${dataBytes} follow the header`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
