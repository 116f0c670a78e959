import { Command } from 'commander';
import { addOwnOptions, addReferenceOptions, addSizeOptions, float, integer } from './arguments.js';
import { AXIS_NAMES, axis } from './axes.js';

/** How txt2img paints, for commands that take one thing at a time. */
const PAINTING = [
  'ddim_steps',
  'scale',
  'sampler',
  'sigmas',
  'ddim_eta',
  'weighted',
  'clip_skip',
  'guidance_rescale',
  'speed',
  'tiling',
] as const;
const MODEL = ['model', 'ckpt', 'config', 'vae', 'embedding'] as const;
const MACHINE = ['device', 'threads', 'precision', 'vae-tiling', 'json'] as const;

/** Options of txt2img, with the names and the meaning that they have there. */
function addSome(command: Command, names: readonly string[]): Command {
  const reference = addReferenceOptions(new Command(), { iterations: 1, samples: 2, outdir: '' });
  const { options } = addOwnOptions(addSizeOptions(reference));
  for (const name of names) command.addOption(options.find(({ long }) => long === `--${name}`)!);
  return command;
}

export function addVaryOptions(command: Command): Command {
  command
    .argument('<files...>', 'the pictures to vary; a folder stands for those in it')
    .option(
      '--subtle',
      'change little: start from nearly the same noise where Easel painted the picture, else change half as much',
    )
    .option(
      '--strength <x>',
      'how much to change: 0 keeps the picture, 1 ignores it (default: 0.6; 1 for models that edit)',
      float,
    )
    .option(
      '--variation_strength <x>',
      "paint from the picture's own noise, with so much of another seed's mixed in: 0 paints it again, 1 another (--subtle: 0.2)",
      float,
    )
    .option(
      '--variation_seed <n>',
      'with --subtle or --variation_strength: that other seed, 0 to 4294967295; the next variation takes the next (default: --seed, or random)',
      integer,
    )
    .option('--prompt <text>', 'what to paint (default: what is stored in the picture, or nothing)')
    .option('--negative <text>', 'what to keep out of it (default: what is stored in the picture)')
    .option(
      '--seed <n>',
      'seed of the first variation, 0 to 4294967295; the next variation has the next seed (default: random)',
      integer,
    )
    .option('--n_samples <n>', 'variations of each picture that are painted at a time', integer, 2)
    .option('--n_iter <n>', 'how often to paint n_samples of them; all differ', integer, 1)
    .option(
      '--outdir <folder>',
      'folder for the pictures; made if it is not there, and nothing in it is overwritten',
      'outputs/vary-samples',
    );
  return addSome(command, ['skip_grid', 'skip_save', 'n_rows', ...PAINTING, ...MODEL, ...MACHINE]);
}

export function addGridOptions(command: Command): Command {
  command
    .argument('[files...]', 'pictures to put together as they are; a folder stands for those in it')
    .option('--n_rows <n>', 'how many files stand in a row (default: about as many as there are rows)', integer)
    .option('--labels <texts>', "a text below each of the files, with commas between; names: the files' own names")
    .option(
      '--x <name=values>',
      `what differs from column to column, such as steps=10,20: ${AXIS_NAMES.join(', ')}`,
      axis,
    )
    .option('--y <name=values>', 'what differs from row to row, as --x', axis)
    .option('--prompt <text>', 'what to paint; with --x words=red,blue every "red" in it becomes "blue"')
    .option('--negative <text>', 'what to keep out of the pictures')
    .option('--seed <n>', 'seed of every picture, 0 to 4294967295 (default: 42)', integer)
    .option(
      '--outdir <folder>',
      'folder for the grid and the pictures that are painted; nothing in it is overwritten',
      'outputs/grid-samples',
    );
  return addSome(command, [
    'skip_save',
    'H',
    'W',
    'variation_strength',
    'variation_seed',
    'rng',
    ...PAINTING,
    ...MODEL,
    ...MACHINE,
  ]);
}
