import { type Command, Option } from 'commander';
import { PRECISIONS } from '../engine/runtime/precision.js';
import { DEVICE_NAMES } from '../engine/runtime/provider.js';
import { device, float, integer } from './arguments.js';

/** Arguments of `easel upscale`; those of the details have the names and meaning that they have for txt2img. */
export function addUpscaleOptions(command: Command): Command {
  return command
    .argument('<files...>', 'the pictures to enlarge; a folder stands for those in it')
    .optionsGroup('How to enlarge:')
    .option(
      '--with <name>',
      "an upscaler in models/upscalers/, or a path (default: the picture's model's own, or the only one for any picture); npx easel pull realesrgan-x4 gets one",
    )
    .option(
      '--by <x>',
      "how many times wider and higher: 2, 4 ... (default: the upscaler's own; 2 with --details)",
      float,
    )
    .option(
      '--denoise_strength <x>',
      'for realesr-general-x4v3, with realesr-general-wdn-x4v3 beside it: how much noise is removed, 0 to 1 (default: 1)',
      float,
    )
    .option(
      '--outdir <folder>',
      'folder for the pictures; made if it is not there, and nothing in it is overwritten',
      'outputs/upscale-samples',
    )
    .option(
      '--details',
      'then have a model paint details over it; without an upscaler, the picture is resized first (Lanczos)',
    )
    .optionsGroup('How to paint details, with --details:')
    .option('--prompt <text>', 'what the picture shows (default: what is stored in it)')
    .option('--negative <text>', 'what to keep out of it (default: what is stored in it)')
    .option(
      '--strength <x>',
      "how much to change, 0 to 1 (default: 0.3, or the model's own, which is 0 for the small one that ships)",
      float,
    )
    .option('--seed <n>', 'where the random numbers start, 0 to 4294967295 (default: 42)', integer)
    .option('--ddim_steps <n>', "steps from noise to picture (default: the model's own)", integer)
    .option('--scale <x>', "how closely to keep to the prompt: the guidance scale (default: the model's own)", float)
    .option('--model <name>', 'a file or folder in models/; see "easel models"')
    .option('--ckpt <path>', 'a .ckpt or .safetensors file, or a diffusers folder')
    .addOption(
      new Option('--precision <how>', 'how it computes, as for txt2img (default: autocast)').choices(PRECISIONS),
    )
    .optionsGroup('Where to run, and other options:')
    .addOption(new Option('--device <name>', `where to run: ${DEVICE_NAMES}`).argParser(device).default('auto'))
    .option('--threads <n>', 'CPU threads (default: as many as there are cores)', integer)
    .option('--json', 'one JSON object per line on standard output')
    .helpOption('-h, --help', 'show this');
}
