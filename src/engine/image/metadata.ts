import sharp from 'sharp';
import { version } from '../version.js';
import { readExifComment } from './exif.js';
import { isPng, readPngText } from './png-text.js';

/** What is needed to paint a picture again. */
export interface GenerationParameters {
  readonly prompt: string;
  readonly negative?: string;
  readonly steps: number;
  readonly sampler: string;
  /** Spacing of the noise levels, AUTOMATIC1111's name: Uniform, ...; Karras ends the sampler's name instead. */
  readonly scheduleType?: string;
  readonly scale: number;
  /** What this picture alone can be painted from. */
  readonly seed?: number;
  /** Seed of a generator that many pictures were drawn from, one batch after another; then there is no {@link seed}. */
  readonly runSeed?: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly modelHash?: string;
  readonly model?: string;
  /** From 0: which of a run's batches it is of. */
  readonly batchNumber?: number;
  readonly batchSize?: number;
  /** From 0: which of the batch's pictures this is. */
  readonly batchPosition?: number;
  readonly strength?: number;
  readonly clipSkip?: number;
  readonly eta?: number;
  /** Whose random numbers: PyTorch's on the CPU or on a GPU; NV is a GPU's, computed on the CPU. */
  readonly rng?: 'CPU' | 'GPU' | 'NV';
  /** The program; Easel and its version when left out. */
  readonly version?: string;
}

/** What a picture says of its making; other programs leave fields out and add their own. */
export type ReadParameters = Partial<GenerationParameters> & {
  readonly prompt: string;
  readonly negative: string;
  /** Fields that Easel has no name for, as they stand. */
  readonly other: Readonly<Record<string, string>>;
};

/** Keyword of the PNG text. */
export const PNG_KEYWORD = 'parameters';

type Field = Exclude<keyof GenerationParameters, 'prompt' | 'negative' | 'width' | 'height'>;

/** AUTOMATIC1111's names, in its order (stable-diffusion-webui, modules/processing.py, create_infotext), and two of ours. */
const FIELDS: readonly (readonly [label: string, field: Field | 'size', kind: 'number' | 'text'])[] = [
  ['Steps', 'steps', 'number'],
  ['Sampler', 'sampler', 'text'],
  ['Schedule type', 'scheduleType', 'text'],
  ['CFG scale', 'scale', 'number'],
  ['Seed', 'seed', 'number'],
  ['Size', 'size', 'text'],
  ['Model hash', 'modelHash', 'text'],
  ['Model', 'model', 'text'],
  ['Run seed', 'runSeed', 'number'],
  ['Batch number', 'batchNumber', 'number'],
  ['Batch size', 'batchSize', 'number'],
  ['Batch pos', 'batchPosition', 'number'],
  ['Denoising strength', 'strength', 'number'],
  ['Clip skip', 'clipSkip', 'number'],
  ['RNG', 'rng', 'text'],
  ['Eta DDIM', 'eta', 'number'],
  ['Version', 'version', 'text'],
];

/**
 * The text that AUTOMATIC1111 writes and other programs read: the prompt, then `Negative prompt: ...` if there is one,
 * then one line of `Name: value` with commas between. Values with a comma, colon or newline, or a quotation mark in
 * front, are quoted as JSON.
 * @example
 * a lighthouse at dusk
 * Negative prompt: people
 * Steps: 20, Sampler: DDIM, CFG scale: 7.5, Seed: 42, Size: 512x512, Model hash: 0b8d4d2a4c, Model: sd-v1-4, Version: easel 0.1.0
 */
export function parametersText(parameters: GenerationParameters): string {
  const values = { version: `easel ${version}`, size: `${parameters.width}x${parameters.height}`, ...parameters };
  const fields = FIELDS.filter(([, field]) => values[field] !== undefined);
  const last = fields.map(([label, field]) => `${label}: ${quote(String(values[field]))}`).join(', ');
  const negative = parameters.negative?.trim() ? [`Negative prompt: ${parameters.negative}`] : [];
  return [parameters.prompt, ...negative, last].join('\n').trim();
}

/**
 * Reads {@link parametersText} by AUTOMATIC1111's own rules (modules/infotext_utils.py, parse_generation_parameters):
 * the last line is fields if it has three or more; lines are trimmed; a line that starts with `Negative prompt:` ends
 * the prompt. So a prompt with such a line of its own does not come back whole: the layout has no way to say it. Where
 * random numbers have no source, it is the one that the program that wrote the text left out.
 */
export function parseParameters(text: string): ReadParameters {
  const lines = text.trim().split('\n');
  const found = [...lines.at(-1)!.matchAll(FIELD)];
  if (found.length >= 3) lines.pop();

  const parts = { prompt: '', negative: '' };
  let part: keyof typeof parts = 'prompt';
  for (let line of lines.map((each) => each.trim())) {
    if (line.startsWith('Negative prompt:')) {
      part = 'negative';
      line = line.slice('Negative prompt:'.length).trim();
    }
    parts[part] += (parts[part] && '\n') + line;
  }
  return { ...parts, ...fieldsOf(found.length >= 3 ? found : []) };
}

/**
 * What a picture file says of its making: the PNG text `parameters`, or the EXIF user comment of any format that has
 * one.
 * @returns null if it says nothing. @throws nothing: damaged metadata counts as none.
 */
export async function readMetadata(bytes: Uint8Array): Promise<ReadParameters | null> {
  const text = isPng(bytes) ? readPngText(bytes, PNG_KEYWORD) : null;
  if (text) return parseParameters(text);
  const exif = await exifOf(bytes);
  const comment = exif && readExifComment(exif);
  return comment ? parseParameters(comment) : null;
}

async function exifOf(bytes: Uint8Array): Promise<Buffer | undefined> {
  try {
    return (await sharp(bytes).metadata()).exif;
  } catch {
    return undefined;
  }
}

/** A name of 2 to 60 letters, a colon, a value: quoted, or all up to the comma. */
const FIELD = /\s*([\p{L}\p{N}_][\p{L}\p{N}_ \-/]{1,59}):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/gu;

function fieldsOf(
  found: readonly RegExpExecArray[],
): { other: Record<string, string> } & Partial<GenerationParameters> {
  const known: Record<string, string | number> = {};
  const other: Record<string, string> = {};
  for (const [, label, raw] of found) {
    const value = unquote(raw!);
    const [, field, kind] = FIELDS.find(([name]) => name === label) ?? [];
    const size = field === 'size' && /^(\d+)x(\d+)$/.exec(value);
    if (size) Object.assign(known, { width: Number(size[1]), height: Number(size[2]) });
    else if (field && field !== 'size' && kind === 'text') known[field] = value;
    else if (field && field !== 'size' && value !== '' && Number.isFinite(Number(value))) known[field] = Number(value);
    else other[label!] = value;
  }
  // Since version 1.9 the spacing of the noise levels has a field of its own; before, it ended the sampler's name.
  if (known.sampler && known.scheduleType === 'Karras') {
    known.sampler += ` ${known.scheduleType}`;
    delete known.scheduleType;
  }
  const rng = known.seed !== undefined && known.rng === undefined && unnamedRng(known.version);
  return { ...known, ...(rng && { rng }), other };
}

/** AUTOMATIC1111 (and Forge) names all sources but the GPU; Easel named all but the CPU until it named both. */
function unnamedRng(version: string | number | undefined): GenerationParameters['rng'] {
  if (typeof version !== 'string') return undefined;
  if (version.startsWith('easel ')) return 'CPU';
  return /^(?:f\d.*)?v\d/.test(version) ? 'GPU' : undefined;
}

/** A quotation mark in front must be quoted as well: readers take it for the start of a quoted value. */
const quote = (value: string) => (/[,:\n]|^"/.test(value) ? JSON.stringify(value) : value);

function unquote(value: string): string {
  if (!/^".*"$/s.test(value)) return value.trim();
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
