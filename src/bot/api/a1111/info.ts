import { version } from '../../../engine/version.js';
import type { PaintRequest } from '../../request/paint-request.js';
import { samplerTitle } from '../../request/samplers.js';
import type { Common } from './fields.js';

/** A picture as it is sent. */
export interface Sent {
  readonly png: Uint8Array;
  readonly seed: number;
  readonly infotext: string;
}

/** What AUTOMATIC1111 says of a run (modules/processing.py, Processed.js), as the text that it is there. */
export function infoOf(request: PaintRequest, fields: Common, pictures: readonly Sent[]): string {
  const { prompt, negative, width, height, steps, scale, sampler, seed, variation, model, clipSkip = 1 } = request;
  const all = <T>(value: (picture: Sent, k: number) => T) => pictures.map(value);
  const subseed = variation?.seed ?? seed;
  return JSON.stringify({
    prompt,
    all_prompts: all(() => prompt),
    negative_prompt: negative,
    all_negative_prompts: all(() => negative),
    seed,
    all_seeds: all((picture) => picture.seed),
    subseed,
    all_subseeds: all((_, k) => subseed + k),
    subseed_strength: variation?.strength ?? 0,
    width,
    height,
    sampler_name: samplerTitle(sampler),
    cfg_scale: scale,
    steps,
    batch_size: fields.batch_size,
    restore_faces: false,
    face_restoration_model: null,
    sd_model_name: model,
    sd_model_hash: null,
    sd_vae_name: null,
    sd_vae_hash: null,
    seed_resize_from_w: -1,
    seed_resize_from_h: -1,
    denoising_strength: 'strength' in request ? (request.strength ?? null) : null,
    extra_generation_params: {},
    index_of_first_image: 0,
    infotexts: all(({ infotext }) => infotext),
    styles: [],
    job_timestamp: timestamp(new Date()),
    clip_skip: clipSkip,
    is_using_inpainting_conditioning: false,
    version: `easel ${version}`,
  });
}

/** `20261129021500`. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\D/g, '').slice(0, 14);
}
