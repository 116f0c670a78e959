import { type Command, Option } from 'commander';
import { INPAINT_AREAS, INPAINT_FILLS } from '../engine/pipeline/request.js';
import { each, float, integer } from './arguments.js';

function weights(text: string): number[] {
  return text.split(',').map(float);
}

/** Of img2img: its script's own, and what Easel adds. */
export function addImg2ImgOptions(command: Command): Command {
  return command
    .option('--init-img [file]', 'the picture to start from')
    .option(
      '--strength <x>',
      'how much to change: 0 keeps the picture, 1 ignores it (default: 0.75; 0.9 with --mask; 1 for models that edit)',
      float,
    )
    .option('--mask <file>', 'a picture of the same size: its white part is repainted, its black part is kept')
    .option(
      '--inpaint_full_res',
      'with --mask: paint only the masked part, as large as the model paints, and put it back; the picture keeps its size',
    )
    .option(
      '--inpaint_full_res_padding <n>',
      'pixels around the mask that the model sees as well, 0 to 256 (default: 32)',
      integer,
    )
    .option(
      '--image_cfg_scale <x>',
      "for models that edit (InstructPix2Pix): how far to keep to the picture (default: 1.5, or the card's)",
      float,
    )
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
    .addOption(
      new Option(
        '--fill <how>',
        'what the masked part begins as: the picture that is there, the colours around it, noise, or nothing; the higher --strength, the less of it is left',
      )
        .choices(INPAINT_FILLS)
        .default('original'),
    )
    .option('--strength <x>', 'how much to change: 0 keeps the picture, 1 ignores what was there (default: 0.9)', float)
    .option('--steps <n>', "the same as --ddim_steps: its name in CompVis's scripts/inpaint.py", integer);
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
