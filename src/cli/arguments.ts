import { type Command, InvalidArgumentError, Option } from 'commander';
import { PREPROCESSOR_NAMES, type Preprocessor, preprocessorNamed } from '../engine/image/control/preprocess.js';
import { INPAINT_AREAS } from '../engine/pipeline/request.js';
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

function weights(text: string): number[] {
  return text.split(',').map(float);
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
const each =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): T[] => [...before, parse(text)];

/** Heading of what {@link addOwnOptions} adds. */
const OWN = "Options that the reference's scripts do not have:";

/**
 * argparse accepts any unambiguous prefix of a long option (`--n_s 2`); commander does not, so prefixes are expanded
 * first. A prefix of one of the reference's options means that one, whatever Easel adds. Exact names and unknown words stay
 * as they are.
 */
export function expandPrefixes(argv: readonly string[], command: Command): string[] {
  const longsOf = (options: readonly Option[]) => options.flatMap(({ long }) => long ?? []);
  const known = longsOf(command.options);
  const reference = new Set(longsOf(command.options.filter(({ helpGroupHeading }) => helpGroupHeading !== OWN)));
  const end = argv.indexOf('--');
  return argv.map((word, i) => {
    if (!word.startsWith('--') || word === '--' || (end >= 0 && i > end)) return word;
    const [name, ...value] = word.split('=') as [string, ...string[]];
    if (known.includes(name)) return word;
    const matches = known.filter((long) => long.startsWith(name));
    const theirs = matches.filter((long) => reference.has(long));
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
}

/** Arguments of both reference scripts, with their names, types and meaning. The help says where ours differ. */
export function addReferenceOptions(
  command: Command,
  { iterations, samples, outdir, ownWords }: ReferenceDefaults,
): Command {
  const prompt = ownWords
    ? new Option('--prompt [text]', 'what to paint (default: what is stored in the picture, or nothing)')
    : new Option('--prompt [text]', 'what to paint').default('a painting of a virus monster playing guitar');
  return command
    .addOption(prompt)
    .option('--outdir [folder]', 'folder for the pictures; created if it does not exist', outdir)
    .option('--skip_grid', 'do not write a grid')
    .option('--skip_save', 'do not write single pictures, only the grid')
    .option(
      '--ddim_steps <n>',
      "denoising steps, for every sampler (default: 50, or what the model's card says)",
      integer,
    )
    .option('--plms', 'use the PLMS sampler')
    .option('--fixed_code', 'start every batch from the same noise')
    .option('--ddim_eta <x>', "DDIM's eta: 0 is deterministic (default: 0; TCD's: 0.3)", float)
    .option(
      '--n_iter <n>',
      'repeat this many times; the random numbers continue, so all pictures differ',
      integer,
      iterations,
    )
    .option('--C <n>', 'latent channels', integer, 4)
    .option('--f <n>', 'pixels per latent, to work out the size of the latents', integer, 8)
    .option('--n_samples <n>', 'pictures per batch', integer, samples)
    .option('--n_rows <n>', 'pictures per row of the grid; 0 means n_samples', integer, 0)
    .option('--scale <x>', "guidance scale (default: the script's own, or what the model's card says)", float)
    .option('--from-file <file>', 'file with one prompt per line; --prompt is then ignored')
    .option('--config <file>', "the reference's YAML, for a checkpoint whose tensors do not determine everything")
    .option(
      '--ckpt <path>',
      'a .ckpt or .safetensors file, or a diffusers folder (default: models/ldm/stable-diffusion-v1/model.ckpt where it exists, else the model pulled last, else the small one that ships)',
    )
    .option(
      '--seed <n>',
      'seed of all random numbers in a run, 0..4294967295; each picture records its batch',
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
  return addControlOptions(command.optionsGroup(OWN))
    .option('--model <name>', 'a file or folder in models/; see "easel models"')
    .option('--negative <text>', 'negative prompt: what to keep out of the pictures', '')
    .option(
      '--sampler <name>',
      `instead of DDIM, or of what the model's card says: ${Object.keys(SAMPLERS).join(', ')}, or the name another program uses`,
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
      "0 to 1: against burnt colours of models with v-prediction; 0.7 is usual (default: the model's card, or 0)",
      float,
    )
    .addOption(
      new Option(
        '--speed <how>',
        "exact is the reference's picture; fast takes fewer runs of the network for nearly the same one, fastest fewer still for a similar one (default: the model's card, or exact)",
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
    .option('--no-kv_subsampling', 'it takes all of them, whatever --speed or the card says')
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
      "use the text encoder's n-th layer from the end (default: 1, or what the model's card says)",
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

/** Of inpaint. */
export function addInpaintOptions(command: Command): Command {
  return command
    .option('--init-img <file>', 'the picture to start from')
    .option(
      '--mask <file>',
      'a picture of the same size: its white part is repainted, its black part is kept (default: what is transparent in the picture is repainted)',
    )
    .option(
      '--indir <folder>',
      'instead of the two: a folder where each picture NAME.png has its mask beside it, NAME_mask.png',
    )
    .addOption(
      new Option(
        '--area <part>',
        'masked paints only the masked part, as large as the model paints, and puts it back; the picture keeps its size',
      )
        .choices(INPAINT_AREAS)
        .default('whole'),
    )
    .option(
      '--padding <n>',
      'with --area masked: pixels around the mask that the model sees as well, 0 to 256 (default: 32)',
      integer,
    )
    .option('--strength <x>', 'how much to change: 0 keeps the picture, 1 ignores what was there (default: 0.9)', float)
    .option('--steps <n>', "the same as --ddim_steps, as the reference's scripts/inpaint.py calls it", integer);
}

/** Of outpaint, which the reference does not have. */
export function addOutpaintOptions(command: Command): Command {
  return command
    .option('--init-img [file]', 'the picture to start from')
    .option('--left <n>', 'pixels to paint beyond the left edge; a negative number cuts that many off', integer)
    .option('--right <n>', 'the same at the right edge', integer)
    .option('--top <n>', 'the same at the top edge', integer)
    .option('--bottom <n>', 'the same at the bottom edge', integer)
    .option(
      '--zoom <x>',
      'instead of the four: how many times smaller the picture becomes, 1.1 to 4, in a result of its old size',
      float,
    )
    .option(
      '--seam <n>',
      'width of the soft edge where old and new blend, in pixels (default: a sixteenth of the size that the model paints best)',
      integer,
    )
    .option(
      '--strength <x>',
      "how far the new part may leave the picture's mirrored colours, which it starts from, 0 to 1 (default: 0.75; 1 for models made for inpainting)",
      float,
    );
}

/** Of img2img: pictures that are mixed with the one that it starts from. */
export function addBlendOptions(command: Command): Command {
  return command
    .optionsGroup(OWN)
    .option(
      '--blend <file>',
      'mix this picture into the one to start from, cut to its shape; up to three, each with an option of its own',
      each(String),
    )
    .option(
      '--blend_weights <x,x>',
      'how much the picture to start from and each of --blend count, such as 2,1 (default: all alike)',
      weights,
    );
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
