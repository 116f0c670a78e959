import { Command, Help, Option } from 'commander';
import { EXAMPLES } from './examples.js';

/** Options by what they are about, in the order in which `--help` lists them. */
const GROUPS: Readonly<Record<string, string>> = {
  'What to paint:':
    'init-img mask indir prompt negative from-file area padding fill inpaint_full_res inpaint_full_res_padding blend blend_weights left right top bottom zoom seam labels x y subtle strength variation_strength variation_seed image_cfg_scale H W',
  'How many pictures, and where they go:': 'n_samples n_iter seed fixed_code outdir skip_save skip_grid n_rows',
  'How to paint:':
    'ddim_steps steps scale sampler plms dpm_solver sigmas ddim_eta speed guidance_rescale guidance_interval cache_interval kv_subsampling no-kv_subsampling weighted clip_skip tiling rng C f',
  'Steered by a picture (ControlNet):':
    'control_net control_image preprocessor control_scale control_start control_end guess_mode',
  'Which model:': 'model ckpt config vae embedding laion400m',
  'Where to run, and other options:': 'device threads precision vae-tiling json help',
};
const LAST = Object.keys(GROUPS).at(-1)!;
const ORDER = new Map(
  Object.entries(GROUPS).flatMap(([group, names]) => names.split(' ').map((name) => [name, group] as const)),
);

/** What txt2img explains and others have, too, is explained there only, unless it is one of these. */
const EVERYWHERE = new Set(
  'prompt negative n_samples n_iter seed outdir ddim_steps scale sampler model device json'.split(' '),
);

const COMMANDS: Readonly<Record<string, string>> = {
  'Paint:': 'txt2img img2img inpaint outpaint vary grid upscale',
  'Look at pictures:': 'inspect interrogate',
  'Models, this machine, and help:': 'models pull devices cache help',
  'Work for others:': 'paint serve',
};

const AFTER = `
Start with:        npx easel txt2img --prompt "a red apple"
About a command:   npx easel COMMAND --help

Exit codes: 0 done; 1 an error, which the message explains; 2 a command line
that makes no sense; 3 from inspect, for a file that could run programs where
others load it.`;

const VARIABLES = `
Words in capitals, such as MODELS_DIR, are variables, of the environment or of
the file .env, which .env.example explains.`;

/** How a command is called that needs more than options. */
const USAGE: Readonly<Record<string, string>> = {
  txt2img: '--prompt <text> [options]',
  img2img: '--init-img <file> --prompt <text> [options]',
  inpaint: '--init-img <file> --mask <file> --prompt <text> [options]',
  outpaint: '--init-img <file> --prompt <text> --zoom <x> [options]',
  grid: '<files...> [options]\n       easel grid --prompt <text> --x <name=values> [options]',
};

/** Groups what `--help` shows of the program and its commands, and adds examples. */
export function arrangeHelp(program: Command): void {
  const names = Object.values(COMMANDS).flatMap((group) => group.split(' '));
  const groupOf = (name: string) => Object.keys(COMMANDS).find((group) => COMMANDS[group]!.split(' ').includes(name));
  const help = new Command('help').argument('[command]').description('explain a command').helpOption(false);
  program.addHelpCommand(help.helpGroup(groupOf('help')!)).addHelpText('after', AFTER);
  // Commander lists groups, and what is in them, in the order in which they were added.
  (program.commands as Command[]).sort((a, b) => names.indexOf(a.name()) - names.indexOf(b.name()));
  const txt2img = program.commands.find((command) => command.name() === 'txt2img')!;
  for (const command of program.commands) {
    const name = command.name();
    command.helpGroup(groupOf(name)!);
    if (USAGE[name]) command.usage(USAGE[name]);
    if (PAINTING.has(name)) arrange(command, txt2img);
    const variables = command.options.some(({ description }) => /default: [A-Z]{2}/.test(description));
    if (variables) command.addHelpText('after', VARIABLES);
    const examples = EXAMPLES[name]?.map((line) => `\n  ${line}`) ?? [];
    if (examples.length > 0) command.addHelpText('after', `\nExamples:${examples.join('')}`);
  }
}

/** Commands that share most of their options. */
const PAINTING = new Set(['txt2img', 'img2img', 'inpaint', 'outpaint', 'vary', 'grid']);

function arrange(command: Command, txt2img: Command): void {
  const places = [...ORDER.keys()];
  (command.options as Option[]).sort((a, b) => places.indexOf(nameOf(a)) - places.indexOf(nameOf(b)));
  for (const option of command.options) option.helpGroup(ORDER.get(nameOf(option)) ?? LAST);
  command.addHelpOption(new Option('-h, --help', 'show this').helpGroup(LAST));
  if (command === txt2img) return;
  const known = new Map(txt2img.options.map((option) => [option.long, option.description]));
  const there = command.options.filter(
    (option) => known.get(option.long) === option.description && !EVERYWHERE.has(nameOf(option)),
  );
  for (const option of there) option.hideHelp();
  const names = there.map(({ long }) => long).join(', ');
  const also = `Also, as npx easel txt2img --help explains them: ${names}.`;
  command.addHelpText('after', `\n${new Help().boxWrap(also, 80)}`);
}

function nameOf({ long }: Option): string {
  return long!.slice(2);
}
