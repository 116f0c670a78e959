import { SPACINGS } from '../../samplers/spacing.js';
import { version } from '../../version.js';
import { controlLabel, controlText, isControlLabel, readControl } from './controls.js';
import { fieldValue } from './fields.js';
import { isJson } from './json.js';
import type { ControlParameters, GenerationParameters, ReadControl, ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

/** Keyword of the PNG text. */
export const PNG_KEYWORD = 'parameters';

type Field = Exclude<keyof GenerationParameters, 'prompt' | 'negative' | 'width' | 'height' | 'controls' | 'other'>;

/** AUTOMATIC1111's names, in its order (stable-diffusion-webui, modules/processing.py, create_infotext), SD.Next's of the rescale, and ours. */
const FIELDS: readonly (readonly [label: string, field: Field | 'size'])[] = [
  ['Steps', 'steps'],
  ['Sampler', 'sampler'],
  ['Schedule type', 'scheduleType'],
  ['CFG scale', 'scale'],
  ['Timesteps', 'timesteps'],
  ['Sigmas', 'sigmas'],
  ['CFG rescale', 'guidanceRescale'],
  ['Image CFG scale', 'imageScale'],
  ['Seed', 'seed'],
  ['Size', 'size'],
  ['Model hash', 'modelHash'],
  ['Model', 'model'],
  ['Run seed', 'runSeed'],
  ['Batch number', 'batchNumber'],
  ['Batch size', 'batchSize'],
  ['Batch pos', 'batchPosition'],
  ['Variation seed', 'variationSeed'],
  ['Variation seed strength', 'variationStrength'],
  ['Denoising strength', 'strength'],
  ['Masked content', 'maskedContent'],
  ['Inpaint area', 'inpaintArea'],
  ['Masked area padding', 'maskedPadding'],
  ['Outpaint', 'outpaint'],
  ['Blend', 'blend'],
  ['Template', 'template'],
  ['Clip skip', 'clipSkip'],
  ['RNG', 'rng'],
  ['Eta DDIM', 'eta'],
  ['Tiling', 'tiling'],
  ['Speed', 'speed'],
  ['Guidance interval', 'guidanceInterval'],
  ['Cache interval', 'cacheInterval'],
  ['KV subsampling', 'kvSubsampling'],
  ['Precision', 'precision'],
  ['Version', 'version'],
];

/** ControlNets stand before it. */
const LAST = 'Version';

/** Of these a text that was written by a program that paints has two at least; a camera's, or a runner's watch's, has not. */
const MARKS = new Set([
  'Steps',
  'Sampler',
  'CFG scale',
  'Seed',
  'Model hash',
  'Postprocess upscale by',
  'Postprocess upscaler',
]);

const NEGATIVE = 'Negative prompt:';

/**
 * The text that AUTOMATIC1111 writes and other programs read: the prompt, then `Negative prompt: ...` if there is one,
 * then one line of `Name: value` with commas between. Values with a comma, colon or newline, or a quotation mark in
 * front, are quoted as JSON.
 * @example
 * a lighthouse at dusk
 * Negative prompt: people
 * Steps: 20, Sampler: DDIM, CFG scale: 7.5, Seed: 42, Size: 512x512, Model hash: 0b8d4d2a4c, Model: sd-v1-4, Version: easel 0.1.0
 */
export function parametersText(parameters: GenerationParameters | ReadParameters): string {
  const { prompt, negative, ...fields } = { version: `easel ${version}`, ...parameters };
  return textOf(prompt, negative ?? '', fieldsText(fields));
}

export function textOf(prompt: string, negative: string, fields: string): string {
  return [prompt, ...(negative.trim() ? [`${NEGATIVE} ${negative}`] : []), fields].join('\n').trim();
}

/** All but the prompts, on one line, also what Easel has no name for. */
export function fieldsText({
  other = {},
  controls = [],
  ...read
}: Partial<Omit<ReadParameters, 'prompt' | 'negative' | 'controls'>> & {
  readonly controls?: readonly (ControlParameters | ReadControl)[];
}): string {
  const { width, height } = read;
  const size = width !== undefined && height !== undefined ? `${width}x${height}` : undefined;
  const values = { ...read, size };
  const known = FIELDS.filter(([, field]) => values[field] !== undefined).map(([label, field]) => [
    label,
    String(values[field]),
  ]);
  const steered = controls.map((control, index) => [controlLabel(index), controlText(control)]);
  const last = known.findIndex(([label]) => label === LAST);
  const at = last < 0 ? known.length : last;
  return [...known.slice(0, at), ...steered, ...known.slice(at), ...Object.entries(other)]
    .map(([label, value]) => (label === value ? label! : `${label}: ${quote(value!)}`))
    .join(', ');
}

/** The text of a web UI (AUTOMATIC1111, Forge, SD.Next ...), of Easel, or of anybody who writes as they do. */
export function readInfotext(texts: Texts): ReadParameters | null {
  const own = texts.get(PNG_KEYWORD);
  if (own && isWords(own)) return parseParameters(own);
  for (const tag of ['UserComment', 'ImageDescription', 'XPComment', 'comment']) {
    const text = texts.get(tag);
    // Cameras and screenshots write there, too.
    if (text && isWords(text) && isPaintings(text)) return parseParameters(text);
  }
  return null;
}

function isWords(text: string): boolean {
  return /[^\s\p{C}]/u.test(text) && !isJson(text);
}

function isPaintings(text: string): boolean {
  const { fields, before } = split(text);
  return fields.filter(([name]) => MARKS.has(name)).length >= 2 || before.some((line) => line.startsWith(NEGATIVE));
}

/**
 * Reads {@link parametersText} by AUTOMATIC1111's own rules (modules/infotext_utils.py, parse_generation_parameters):
 * the last line is fields if it has three or more; lines are trimmed; a line that starts with `Negative prompt:` ends
 * the prompt. So a prompt with such a line of its own does not come back whole: the layout has no way to say it. Unlike
 * there, a line without any name that is known is no fields; templates below the fields are fields; and nothing that
 * stands among the fields is left out. Where random numbers have no source, it is the one that the program that wrote the
 * text left out.
 */
export function parseParameters(text: string): ReadParameters {
  const { before, fields } = split(text);
  const parts = { prompt: '', negative: '' };
  let part: keyof typeof parts = 'prompt';
  for (let line of before) {
    if (line.startsWith(NEGATIVE)) {
      part = 'negative';
      line = line.slice(NEGATIVE.length).trim();
    }
    parts[part] += (parts[part] && '\n') + line;
  }
  return { ...parts, ...valuesOf(fields) };
}

type Pair = readonly [name: string, value: string];

/** The lines of the prompts, and the fields below them. */
function split(text: string): { before: string[]; fields: Pair[] } {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const templates = lines.findLastIndex((line) => /^Steps: \d+, /.test(line));
  const below = lines.slice(templates + 1).join('\n');
  if (templates >= 0 && /^(?:Negative )?Template: /.test(below)) {
    const fields = [...pairsIn(lines[templates]!), ...templatesIn(below)];
    return { before: lines.slice(0, templates), fields };
  }
  const last = [...pairsIn(lines.at(-1)!)];
  const named = last.filter(([name, value]) => name !== value);
  const known = named.some(([name]) => MARKS.has(name) || FIELDS.some(([label]) => label === name));
  return named.length >= 3 && known ? { before: lines.slice(0, -1), fields: last } : { before: lines, fields: [] };
}

/** The extension Dynamic Prompts writes what its prompts came from below the fields (sd_dynamic_prompts, pnginfo_saver.py). */
function templatesIn(text: string): Pair[] {
  const [template = '', negative] = text.split(/^Negative Template: /m);
  const own: Pair = ['Template', template.replace(/^Template: /, '').trim()];
  return [...(own[1] ? [own] : []), ...(negative ? [['Negative Template', negative.trim()] as const] : [])];
}

/** A name of 2 to 60 letters, and a colon. */
const NAME = /\s*([\p{L}\p{N}_][\p{L}\p{N}_ \-/]{1,59}):\s*/uy;
const QUOTED = /"(?:\\.|[^\\"])+"(?=\s*(?:,|$))/y;

/** Names and values, up to the commas; a piece without a name, which is what AUTOMATIC1111 leaves of `x: x`, is both. */
function* pairsIn(line: string): Generator<Pair> {
  // One that is not closed is looked for once.
  let nested = true;
  for (let at = 0; at < line.length; ) {
    NAME.lastIndex = at;
    const name = NAME.exec(line)?.[1]?.trim();
    const from = name ? NAME.lastIndex : at;
    QUOTED.lastIndex = from;
    const quoted = name && QUOTED.test(line) ? QUOTED.lastIndex : null;
    const json = name && nested && /[[{]/.test(line[from] ?? '') ? endOfJson(line, from) : null;
    if (json === -1) nested = false;
    const whole = quoted ?? (json && json > 0 ? json : from);
    const comma = line.indexOf(',', whole);
    const end = comma < 0 ? line.length : comma;
    const value = line.slice(from, end).trim();
    const [own, rest] = /^([^:]*?)\s*:\s*(.*)$/s.exec(value)?.slice(1) ?? [value, value];
    if (name) yield [name, unquote(value)];
    else if (own) yield [own, unquote(rest!)];
    at = end + 1;
  }
}

/** Where the array or object that starts there ends; -1 if it does not. */
function endOfJson(line: string, from: number): number {
  let depth = 0;
  for (const { 0: token, index } of line.slice(from).matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++;
    else if ((token === ']' || token === '}') && --depth === 0) return from + index + 1;
  }
  return -1;
}

/** Labels that end a sampler's name; the default has none. */
const NAMED_SPACINGS = new Set<string>(Object.values(SPACINGS).filter((label) => label !== SPACINGS.default));

function valuesOf(pairs: readonly Pair[]): Partial<ReadParameters> & Pick<ReadParameters, 'other'> {
  const known: Record<string, string | number> = {};
  const controls: ReadControl[] = [];
  const other: Pair[] = [];
  for (const [label, text] of pairs) {
    const control = isControlLabel(label) ? readControl(text) : null;
    if (control) {
      controls.push(control);
      continue;
    }
    const field = FIELDS.find(([name]) => name === label)?.[1];
    const size = field === 'size' && /^(\d+)x(\d+)$/.exec(text);
    const value = field && field !== 'size' ? fieldValue(field, text) : undefined;
    if (size) Object.assign(known, { width: Number(size[1]), height: Number(size[2]) });
    else if (value !== undefined) known[field!] = value;
    else other.push([label, text]);
  }
  // Since version 1.9 the spacing of the noise levels has a field of its own; before, it ended the sampler's name.
  if (known.sampler && NAMED_SPACINGS.has(String(known.scheduleType))) {
    known.sampler += ` ${known.scheduleType}`;
    delete known.scheduleType;
  }
  const rng = known.seed !== undefined && known.rng === undefined && unnamedRng(known.version);
  return { ...known, ...(rng && { rng }), ...(controls.length > 0 && { controls }), other: Object.fromEntries(other) };
}

/** AUTOMATIC1111 (and Forge, whose versions start with f) names all sources but the GPU; Easel named all but the CPU until it named both. */
function unnamedRng(version: string | number | undefined): GenerationParameters['rng'] {
  if (typeof version !== 'string') return undefined;
  if (version.startsWith('easel ')) return 'CPU';
  return /^[fv]\d/.test(version) ? 'GPU' : undefined;
}

/** A quotation mark or bracket in front must be quoted as well: readers take it for the start of a quoted value, or of JSON. */
const quote = (value: string) => (/[,:\n]|^["[{]/.test(value) ? JSON.stringify(value) : value);

function unquote(value: string): string {
  if (!/^".*"$/s.test(value)) return value.trim();
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
