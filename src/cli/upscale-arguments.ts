import { type Command, Option } from 'commander';
import { PRECISIONS } from '../engine/runtime/precision.js';
import { DEVICE_NAMES } from '../engine/runtime/provider.js';
import { device, float, integer } from './arguments.js';

/** Arguments of `easel upscale`; those of the details have the names and meaning that they have for txt2img. */
export function addUpscaleOptions(command: Command): Command {
  return command
    .argument('<files...>', 'the pictures to enlarge; a folder stands for those in it')
    .option(
      '--with <name>',
      'an upscaler in models/upscalers/, or a path (default: the only one there); npx easel pull realesrgan-x4 gets one',
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
    .option('--outdir <folder>', 'folder for the pictures; created if it does not exist', 'outputs/upscale-samples')
    .option(
      '--details',
      'then have a model paint details over it; without an upscaler, the picture is resized first (Lanczos)',
    )
    .option('--prompt <text>', 'what the picture shows (default: what is stored in it)')
    .option('--negative <text>', 'what to keep out of it (default: what is stored in it)')
    .option('--strength <x>', "how much to change, 0 to 1 (default: what the model's card says, or 0.3)", float)
    .option('--ddim_steps <n>', "denoising steps (default: what the model's card says)", integer)
    .option('--scale <x>', "guidance scale (default: what the model's card says)", float)
    .option('--seed <n>', 'seed of the random numbers, 0..4294967295 (default: 42)', integer)
    .option('--model <name>', 'a file or folder in models/; see "easel models"')
    .option('--ckpt <path>', 'a .ckpt or .safetensors file, or a diffusers folder')
    .addOption(
      new Option('--precision <how>', 'how it computes, as for txt2img (default: autocast)').choices(PRECISIONS),
    )
    .addOption(new Option('--device <name>', `where to run: ${DEVICE_NAMES}`).argParser(device).default('auto'))
    .option('--threads <n>', 'CPU threads (default: as many as there are cores)', integer)
    .option('--json', 'one JSON object per line on standard output');
}
