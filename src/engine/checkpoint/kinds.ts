import type { StoredTensor } from './tensor.js';

/** Keys that give another family's checkpoint away. */
const CHECKPOINTS: readonly [RegExp, string][] = [
  [/^(model\.diffusion_model\.)?joint_blocks\./, 'a Stable Diffusion 3 checkpoint'],
  [/^(model\.diffusion_model\.)?double_blocks\./, 'a Flux checkpoint'],
  [/^conditioner\.embedders\.|^model\.diffusion_model\.label_emb\./, 'a Stable Diffusion XL checkpoint'],
  [/^model\.diffusion_model\.(down|up)_blocks\..*_r\.|^effnet/, 'a Stable Cascade checkpoint'],
  [/^model\.diffusion_model\.temporal|temporal_(conv|transformer)/, 'a video model'],
  [
    /(^scaled_fp8|\.(scale_weight|weight_scale|comfy_quant))$/,
    'a quantized checkpoint whose numbers need scales; the original, or one in plain 8-bit floats, can be opened',
  ],
];

const EMBEDDING = 'a textual-inversion embedding: give it with --embedding, beside a checkpoint';

/** Keys of files that go with a checkpoint, the most telling first. */
const PARTS: readonly [RegExp, string][] = [
  [/^(control_model\.|controlnet_|input_hint_block\.)/, 'a ControlNet, which Easel has no use for yet'],
  [/^(image_proj|ip_adapter)\./, 'an IP-Adapter, which Easel has no use for yet'],
  [
    // Of kohya; of diffusers, old and new; of PEFT; of LyCORIS.
    /^lora_(unet|te)|\.lora_(up|down|A|B)\.|[._]lora\.(up|down)\.|\.lora_linear_layer\.|\.(hada_w1_a|lokr_w[12])/,
    'a LoRA: put it into models/lora/ and name it in the prompt as <lora:name:1>, on the command line with --weighted',
  ],
  [/^(string_to_param\.|emb_params$|clip_l$)/, EMBEDDING],
  [
    /^first_stage_model\.(encoder|decoder)\.|^(encoder|decoder)\.(down|up|conv_in|mid)/,
    'an autoencoder: give it with --vae, beside a checkpoint',
  ],
];

/** Says what a file is that cannot be painted with, as far as its keys tell. */
export function otherKind(tensors: ReadonlyMap<string, StoredTensor>): string | undefined {
  const names = [...tensors.keys()];
  // Whole checkpoints have parts that mark other files when they are alone: an autoencoder, an embedding.
  const checkpoint = names.some((name) => /^model(\.|_ema\.)diffusion_model/.test(name));
  const marks = checkpoint ? CHECKPOINTS : [...CHECKPOINTS, ...PARTS];
  const known = marks.find(([mark]) => names.some((name) => mark.test(name)))?.[1];
  return known ?? (isVectors([...tensors.values()]) ? EMBEDDING : undefined);
}

/** Diffusers calls an embedding as it stands in prompts: all that can be told is that there are a few vectors, and nothing else. */
function isVectors([only, ...others]: readonly StoredTensor[]): boolean {
  return only !== undefined && others.length === 0 && (only.shape.length === 1 || only.shape.length === 2);
}
