import { z } from 'zod';
import { SCALE, STEPS } from '../../request/bounds.js';

/** Messages and their types are pydantic's, which front ends may look at (pydantic 1.10, errors.py). */
const wrong = (type: string, message: string) => ({ error: message, params: { type } });
const INTEGER = wrong('type_error.integer', 'value is not a valid integer');
const FLOAT = wrong('type_error.float', 'value is not a valid float');
const FLAG = wrong('value_error.boolean', 'value could not be parsed to a boolean');
const TEXT = wrong('type_error.str', 'str type expected');
const LIST = wrong('type_error.list', 'value is not a valid list');
const DICT = wrong('type_error.dict', 'value is not a valid dict');
const TYPES = new Map([INTEGER, FLOAT, FLAG, TEXT, LIST, DICT].map(({ error, params }) => [error, params.type]));

/** What pydantic takes for a number: also `"20"`. */
const asNumber = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'boolean' ? Number(value) : value;
const asWhole = (value: unknown) => {
  const number = asNumber(value);
  return typeof number === 'number' ? Math.trunc(number) : number;
};
const asFlag = (value: unknown) => {
  const word = typeof value === 'number' || typeof value === 'string' ? String(value).toLowerCase() : value;
  if (['true', '1', 'on', 't', 'yes', 'y'].includes(word as string)) return true;
  return ['false', '0', 'off', 'f', 'no', 'n'].includes(word as string) ? false : value;
};

/** Left out and null are the usual value. */
const or = <T>(check: z.ZodType<T>, usual: T) =>
  z.preprocess((value) => (value === null || value === undefined ? usual : value), check);
const whole = (usual: number, low = -(2 ** 53), high = 2 ** 53) =>
  or(z.preprocess(asWhole, z.number(INTEGER).min(low).max(high)), usual);
const float = (usual: number, low = -1e9, high = 1e9) =>
  or(z.preprocess(asNumber, z.number(FLOAT).min(low).max(high)), usual);
const flag = (usual: boolean) => or(z.preprocess(asFlag, z.boolean(FLAG)), usual);
const text = <T extends string | null>(usual: T) =>
  or(
    z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string(TEXT).nullable()),
    usual,
  );
const words = or(
  z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string(TEXT)),
  '',
);
const list = or(z.array(z.unknown(), LIST), []);
const dict = or(z.record(z.string(), z.unknown(), DICT), {});

/** Most pixels of a side, as in the page of AUTOMATIC1111. */
const LONGEST_SIDE = 2048;
/** Most pictures at a time, and how many times: as there. */
const LARGEST_BATCH = 8;
const MOST_BATCHES = 100;

/** The fields and defaults of StableDiffusionProcessing (modules/processing.py) that matter here; others are ignored. */
const common = z.object({
  prompt: words,
  negative_prompt: words,
  styles: list,
  seed: whole(-1),
  subseed: whole(-1),
  subseed_strength: float(0, 0, 1),
  seed_resize_from_h: whole(-1),
  seed_resize_from_w: whole(-1),
  sampler_name: text(null),
  sampler_index: text('Euler'),
  scheduler: text(null),
  batch_size: whole(1, 1, LARGEST_BATCH),
  n_iter: whole(1, 1, MOST_BATCHES),
  steps: whole(50, STEPS.low, STEPS.high),
  cfg_scale: float(7, SCALE.low, SCALE.high),
  /** 0 is the model's own, 512 for Stable Diffusion v1. */
  width: whole(0, 0, LONGEST_SIDE),
  height: whole(0, 0, LONGEST_SIDE),
  restore_faces: flag(false),
  tiling: flag(false),
  denoising_strength: float(0.75, 0, 1),
  override_settings: dict,
  script_name: text(null),
  script_args: list,
  alwayson_scripts: dict,
  send_images: flag(true),
  save_images: flag(false),
});

export const txt2img = common.extend({
  enable_hr: flag(false),
  hr_scale: float(2, 1, 4),
  hr_upscaler: text(null),
  hr_second_pass_steps: whole(0, 0, STEPS.high),
  hr_resize_x: whole(0, 0, 2 * LONGEST_SIDE),
  hr_resize_y: whole(0, 0, 2 * LONGEST_SIDE),
  hr_sampler_name: text(null),
  hr_scheduler: text(null),
  hr_prompt: words,
  hr_negative_prompt: words,
});

export const img2img = common.extend({
  init_images: z.array(z.string(TEXT), LIST).nullish().default(null),
  resize_mode: whole(0, 0, 3),
  mask: text(null),
  mask_blur: float(4, 0, 64),
  inpainting_fill: whole(0, 0, 3),
  inpaint_full_res: flag(true),
  inpaint_full_res_padding: whole(0, 0, 256),
  inpainting_mask_invert: whole(0, 0, 1),
  include_init_images: flag(false),
});

export const extras = z.object({
  image: words,
  resize_mode: whole(0, 0, 1),
  upscaling_resize: float(2, 1, 4),
  upscaling_resize_w: whole(512, 1, 2 * LONGEST_SIDE),
  upscaling_resize_h: whole(512, 1, 2 * LONGEST_SIDE),
  upscaler_1: words,
});

export const pngInfo = z.object({ image: z.string(TEXT) });

export type Common = z.infer<typeof common>;
export type Txt2Img = z.infer<typeof txt2img>;
export type Img2Img = z.infer<typeof img2img>;
export type Extras = z.infer<typeof extras>;

/** A body with options: others than those that are known here are ignored. */
export const options = z.record(z.string(), z.unknown());

/** The options that one request, or all of a front end, may have otherwise. */
export const settings = z.object({
  sd_model_checkpoint: z.string(TEXT).nullish(),
  CLIP_stop_at_last_layers: whole(1, 1, 12),
});

/** What FastAPI answers with to a body that does not fit (documentation, "Handling Errors"), status 422. */
export function detailsOf(error: z.ZodError): object[] {
  return error.issues.map((issue) => {
    const loc = ['body', ...issue.path];
    if (issue.code === 'too_big') {
      const limit = Number(issue.maximum);
      const msg = `ensure this value is less than or equal to ${limit}`;
      return { loc, msg, type: 'value_error.number.not_le', ctx: { limit_value: limit } };
    }
    if (issue.code === 'too_small') {
      const limit = Number(issue.minimum);
      const msg = `ensure this value is greater than or equal to ${limit}`;
      return { loc, msg, type: 'value_error.number.not_ge', ctx: { limit_value: limit } };
    }
    if (issue.path.length === 0) return { loc, msg: DICT.error, type: DICT.params.type };
    return { loc, msg: issue.message, type: TYPES.get(issue.message) ?? 'value_error' };
  });
}
