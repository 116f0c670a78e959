import type { StoredTensor } from './tensor.js';

/** Keys that give another kind of file away, the most telling first. */
const MARKS: readonly [RegExp, string][] = [
  [/^(model\.diffusion_model\.)?joint_blocks\./, 'a Stable Diffusion 3 checkpoint'],
  [/^(model\.diffusion_model\.)?double_blocks\./, 'a Flux checkpoint'],
  [/^conditioner\.embedders\.|^model\.diffusion_model\.label_emb\./, 'a Stable Diffusion XL checkpoint'],
  [/^model\.diffusion_model\.(down|up)_blocks\..*_r\.|^effnet/, 'a Stable Cascade checkpoint'],
  [/^(control_model\.|controlnet_|input_hint_block\.)/, 'a ControlNet'],
  [
    /^lora_(unet|te)|\.lora_(up|down|A|B)\.|\.lora\.(up|down)\.|\.(hada_w1_a|lokr_w[12])/,
    'a LoRA, to be named in the prompt as <lora:name:weight>',
  ],
  [/^(string_to_param\.|emb_params$|clip_l$)/, 'a textual-inversion embedding, not a checkpoint'],
  [
    /^first_stage_model\.(encoder|decoder)\.|^(encoder|decoder)\.(down|up|conv_in|mid)/,
    'an autoencoder, to be given with --vae',
  ],
  [/^model\.diffusion_model\.temporal|temporal_(conv|transformer)/, 'a video model'],
];

/** Says what a file is that cannot be painted with, as far as its keys tell. */
export function otherKind(tensors: ReadonlyMap<string, StoredTensor>): string | undefined {
  const names = [...tensors.keys()];
  const whole =
    tensors.has('model.diffusion_model.out.2.weight') && names.some((name) => name.startsWith('cond_stage_model.'));
  const marks = whole ? MARKS.slice(0, 4) : MARKS;
  return marks.find(([mark]) => names.some((name) => mark.test(name)))?.[1];
}
