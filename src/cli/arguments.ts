import { type Command, InvalidArgumentError, Option } from 'commander';
import { PREPROCESSOR_NAMES, type Preprocessor, preprocessorNamed } from '../engine/image/control/preprocess.js';
import { SPEED_NAMES } from '../engine/pipeline/speed.js';
import { PRECISIONS } from '../engine/runtime/precision.js';
import { DEVICE_NAMES, type Device, isDevice } from '../engine/runtime/provider.js';
import { TILINGS } from '../engine/runtime/tiling.js';
import { type SamplerChoice, samplerNamed } from '../engine/samplers/names.js';
import { SPACING_NAMES } from '../engine/samplers/spacing.js';
import { SAMPLERS } from '../engine/samplers/table.js';
import { TILES } from '../engine/tile.js';

/** Python's int(): a sign, digits, nothing else. */
export function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text.trim())) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function float(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function interval(text: string): [number, number] {
  const [low = Number.NaN, high = Number.NaN, ...more] = text.split(',').map(float);
  if (Number.isNaN(high) || more.length > 0) throw new InvalidArgumentError('It must be two numbers, such as 0.3,5.4.');
  return [low, high];
}

export function device(text: string): Device {
  if (!isDevice(text)) throw new InvalidArgumentError(`Choose one of: ${DEVICE_NAMES}.`);
  return text;
}

export function sampler(text: string): SamplerChoice {
  const choice = samplerNamed(text);
  if (!choice) throw new InvalidArgumentError(`Choose one of: ${Object.keys(SAMPLERS).join(', ')}.`);
  return choice;
}

function preprocessor(text: string): Preprocessor {
  const name = preprocessorNamed(text);
  if (!name) throw new InvalidArgumentError(`Choose one of: ${PREPROCESSOR_NAMES.join(', ')}.`);
  return name;
}

/** For options that are given more than once: the values, in order. */
export const each =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): T[] => [...before, parse(text)];

/** What the reference's three scripts have, whose prefixes come first. */
const REFERENCE = new Set(
  'prompt outdir skip_grid skip_save ddim_steps plms dpm_solver laion400m fixed_code ddim_eta n_iter H W C f n_samples n_rows scale from-file config ckpt seed precision init-img strength indir steps'
    .split(' ')
    .map((name) => `--${name}`),
);

/**
 * argparse accepts any unambiguous prefix of a long option (`--n_s 2`); commander does not, so prefixes are expanded
 * first. A prefix of one of the reference's options means that one, whatever Easel adds. Exact names and unknown words stay
 * as they are.
 */
export function expandPrefixes(argv: readonly string[], command: Command): string[] {
  const known = command.options.flatMap(({ long }) => long ?? []);
  const end = argv.indexOf('--');
  return argv.map((word, i) => {
    if (!word.startsWith('--') || word === '--' || (end >= 0 && i > end)) return word;
    const [name, ...value] = word.split('=') as [string, ...string[]];
    if (known.includes(name)) return word;
    const matches = known.filter((long) => long.startsWith(name));
    const theirs = matches.filter((long) => REFERENCE.has(long));
    const [only, ...others] = theirs.length > 0 ? theirs : matches;
    return only && others.length === 0 ? [only, ...value].join('=') : word;
  });
}

interface ReferenceDefaults {
  readonly iterations: number;
  readonly samples: number;
  readonly outdir: string;
  /** A picture's own prompt is the default. */
  readonly ownWords?: boolean;
  /** What the help says of it. */
  readonly scale?: string;
}

/** Arguments of both reference scripts, with their names, types and meaning. The help says where ours differ. */
export function addReferenceOptions(
  command: Command,
  { iterations, samples, outdir, ownWords, scale = "7.5, or the model's own" }: ReferenceDefaults,
): Command {
  const prompt = ownWords
    ? new Option('--prompt [text]', 'what to paint (default: what is stored in the picture, or nothing)')
    : new Option('--prompt [text]', 'what to paint').default('a painting of a virus monster playing guitar');
  return command
    .addOption(prompt)
    .option(
      '--outdir [folder]',
      'folder for the pictures; made if it is not there, and nothing in it is overwritten',
      outdir,
    )
    .option('--skip_grid', 'do not write a grid')
    .option('--skip_save', 'do not write single pictures, only the grid')
    .option(
      '--ddim_steps <n>',
      "steps from noise to picture, whatever the sampler: more take longer (default: 50, or the model's own)",
      integer,
    )
    .option('--plms', 'use the PLMS sampler, as --sampler plms')
    .option('--fixed_code', 'start every batch from the same noise')
    .option('--ddim_eta <x>', "DDIM's eta: 0 is deterministic (default: 0; TCD's: 0.3)", float)
    .option('--n_iter <n>', 'how often to paint n_samples pictures; all differ', integer, iterations)
    .option('--C <n>', "channels of the latents, which only one number fits (default: the model's own)", integer)
    .option('--f <n>', "pixels per latent, to work out the size of the latents (default: the model's own)", integer)
    .option('--n_samples <n>', 'pictures that are painted at a time', integer, samples)
    .option('--n_rows <n>', 'pictures per row of the grid; 0 means n_samples', integer, 0)
    .option('--scale <x>', `how closely to keep to the prompt: the guidance scale (default: ${scale})`, float)
    .option('--from-file <file>', 'file with one prompt per line; --prompt is then ignored')
    .option('--config <file>', "CompVis's YAML, for a checkpoint whose tensors do not determine everything")
    .option(
      '--ckpt <path>',
      'a .ckpt or .safetensors file, or a diffusers folder (default: models/ldm/stable-diffusion-v1/model.ckpt where it exists, else the model pulled last, else the small one that ships)',
    )
    .option(
      '--seed <n>',
      'where the random numbers start, 0 to 4294967295: the same seed paints the same pictures',
      integer,
      42,
    )
    .addOption(
      new Option(
        '--precision <how>',
        'autocast uses 16-bit floats where a GPU has them; int8 is twice as fast on a processor and paints nearly the same picture; auto takes it where that pays',
      )
        .choices(PRECISIONS)
        .default('autocast'),
    )
    .addOption(
      new Option(
        '--vae-tiling <how>',
        'on decodes and encodes pictures on a processor in bands of lines: the same picture in less memory, more slowly; auto does so where memory is short',
      )
        .choices(TILINGS)
        .default('auto'),
    );
}

/** Of txt2img. */
export function addSizeOptions(command: Command): Command {
  return command
    .option('--H <n>', "height in pixels (default: the model's own size)", integer)
    .option('--W <n>', "width in pixels (default: the model's own size)", integer);
}

/** What Easel adds. */
export function addOwnOptions(command: Command): Command {
  return addControlOptions(command)
    .option('--model <name>', 'a file or folder in models/; see "easel models"')
    .option('--negative <text>', 'what to keep out of the pictures', '')
    .option(
      '--sampler <name>',
      `how noise becomes a picture (default: ddim, or the model's own): ${Object.keys(SAMPLERS).join(', ')}, or another program's name for one of these, such as "DPM++ 2M Karras"`,
      sampler,
    )
    .addOption(
      new Option('--sigmas <spacing>', "spacing of the noise levels (default: the sampler's own)").choices(
        SPACING_NAMES,
      ),
    )
    .option(
      '--variation_strength <x>',
      '0 to 1: mixes the noise of another seed into that of --seed, which every picture then starts from (default: 0)',
      float,
    )
    .option(
      '--variation_seed <n>',
      'that other seed, 0..4294967295; the next picture takes the next number (default: random)',
      integer,
    )
    .option(
      '--guidance_rescale <x>',
      "0 to 1: against burnt colours of models with v-prediction; 0.7 is usual (default: 0, or the model's own)",
      float,
    )
    .addOption(
      new Option(
        '--speed <how>',
        "exact leaves nothing out; fast takes fewer runs of the network for nearly the same picture, fastest fewer still for a similar one (default: exact, or the model's own)",
      ).choices(SPEED_NAMES),
    )
    .option(
      '--cache_interval <n>',
      'run the network at every n-th step only, and foresee the others; 1 runs all',
      integer,
    )
    .option(
      '--guidance_interval <low,high>',
      'guide only at noise levels (sigma) between these, such as 0.3,5.4; the others take half the work',
      interval,
    )
    .option('--kv_subsampling', 'self-attention takes a quarter of its keys and values where features are largest')
    .option('--no-kv_subsampling', 'it takes all of them, whatever --speed or the model says')
    .addOption(
      new Option(
        '--tiling [edges]',
        'paint seamless tiles: copies of a picture join without a seam at its left and right edges (x), at its top and bottom edges (y), or at both',
      )
        .choices(TILES)
        .preset('both'),
    )
    .option(
      '--weighted',
      'understand (word:1.2), [word], [from:to:0.5], [one|other], AND, BREAK, <lora:name:0.8> and prompts of any length',
    )
    .option(
      '--clip_skip <n>',
      "use the text encoder's n-th layer from the end (default: 1, or the model's own)",
      integer,
    )
    .addOption(
      new Option('--rng <source>', "which random numbers: PyTorch's on a CPU or on a CUDA GPU")
        .choices(['cpu', 'cuda'])
        .default('cpu'),
    )
    .option('--vae <file>', "use this autoencoder instead of the model's own; taesd: the tiny, fast one in models/")
    .option('--embedding <files...>', "textual-inversion files; each file's name becomes a word for prompts")
    .addOption(new Option('--device <name>', `where to run: ${DEVICE_NAMES}`).argParser(device).default('auto'))
    .option('--threads <n>', 'CPU threads (default: as many as there are cores)', integer)
    .option('--json', 'one JSON object per line on standard output');
}

/** ControlNets: each option may be repeated, once for all of them or once for each. */
function addControlOptions(command: Command): Command {
  return command
    .option(
      '--control_net <name>',
      'steer the pictures by a ControlNet: its name in models/controlnet/, or a path; may be repeated',
      each(String),
    )
    .option('--control_image <file>', 'the picture that steers; cut to the shape of what is painted', each(String))
    .option(
      '--preprocessor <name>',
      `make it of that picture first: ${PREPROCESSOR_NAMES.join(', ')} (default: none, the picture is a map already)`,
      each(preprocessor),
    )
    .option('--control_scale <x>', 'how much the ControlNet counts, 0 to 2 (default: 1)', each(float))
    .option('--control_start <x>', 'the part of the steps from which on it counts, 0 to 1 (default: 0)', each(float))
    .option('--control_end <x>', 'and up to which (default: 1)', each(float))
    .option('--guess_mode', 'steer only where the prompt is heard, so that a picture can do without a prompt');
}
