import { isLora } from '../lora/names.js';
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

export const LORA =
  'a LoRA: put it into models/lora/ and name it in the prompt as <lora:name:1>, on the command line with --weighted';
export const EMBEDDING = 'a textual-inversion embedding: give it with --embedding, beside a checkpoint';

type Mark = (names: ReadonlySet<string>) => boolean;

const has =
  (mark: RegExp): Mark =>
  (names) =>
    [...names].some((name) => mark.test(name));

/** Files that go with a checkpoint, the most telling first. */
const PARTS: readonly [Mark, string][] = [
  [has(/^(control_model\.|controlnet_|input_hint_block\.)/), 'a ControlNet, which Easel has no use for yet'],
  [has(/^(image_proj|ip_adapter)\./), 'an IP-Adapter, which Easel has no use for yet'],
  [isLora, LORA],
  [has(/^(string_to_param\.|emb_params$|clip_[lg]$)/), EMBEDDING],
  [
    has(/^first_stage_model\.(encoder|decoder)\.|^(encoder|decoder)\.(down|up|conv_in|mid)/),
    'an autoencoder: give it with --vae, beside a checkpoint',
  ],
];

/** Says what a file is that cannot be painted with, as far as its keys tell. */
export function otherKind(tensors: ReadonlyMap<string, StoredTensor>): string | undefined {
  const names = new Set(tensors.keys());
  // Whole checkpoints have parts that mark other files when they are alone: an autoencoder, an embedding.
  const checkpoint = has(/^model(\.|_ema\.)diffusion_model/)(names);
  const family = CHECKPOINTS.find(([mark]) => has(mark)(names))?.[1];
  if (checkpoint || family) return family;
  const part = PARTS.find(([mark]) => mark(names))?.[1];
  return part ?? (isVectors([...tensors.values()]) ? EMBEDDING : undefined);
}

/** Diffusers calls an embedding as it stands in prompts: all that can be told is that there are a few vectors, and nothing else. */
function isVectors([only, ...others]: readonly StoredTensor[]): boolean {
  return only !== undefined && others.length === 0 && (only.shape.length === 1 || only.shape.length === 2);
}
