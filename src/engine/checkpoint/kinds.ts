import type { ErrorCode } from '../errors.js';
import { isLora } from '../lora/names.js';
import type { StoredTensor } from './tensor.js';

/** Keys that give another family's checkpoint away. */
const CHECKPOINTS: readonly [RegExp, string][] = [
  [/^(model\.diffusion_model\.)?joint_blocks\./, 'a Stable Diffusion 3 checkpoint'],
  [/^(model\.diffusion_model\.)?double_blocks\./, 'a Flux checkpoint'],
  [/^embedder\.model\./, 'a Stable Diffusion 2.1 unCLIP checkpoint, which starts from what a picture shows'],
  [/^conditioner\.embedders\.|^model\.diffusion_model\.label_emb\./, 'a Stable Diffusion XL checkpoint'],
  [/^model\.diffusion_model\.(down|up)_blocks\..*_r\.|^effnet/, 'a Stable Cascade checkpoint'],
  [/^model\.diffusion_model\.temporal|temporal_(conv|transformer)/, 'a video model'],
  [
    /(^scaled_fp8|\.(scale_weight|weight_scale|comfy_quant))$/,
    'a quantized checkpoint whose numbers need scales; the original, or one in plain 8-bit floats, can be opened',
  ],
];

/** A file that is not a checkpoint. */
export interface OtherKind {
  /** As in "this is a LoRA". */
  readonly name: string;
  /** Of what goes with a checkpoint. */
  readonly code?: ErrorCode;
}

export const LORA: OtherKind = { name: 'a LoRA', code: 'isLora' };
export const EMBEDDING: OtherKind = { name: 'a textual-inversion embedding', code: 'isEmbedding' };

type Mark = (names: ReadonlySet<string>) => boolean;

const has =
  (mark: RegExp): Mark =>
  (names) =>
    [...names].some((name) => mark.test(name));

/** Additions to a checkpoint, the most specific marks first. */
const PARTS: readonly [Mark, OtherKind][] = [
  [
    has(/^(control_model\.|controlnet_|input_hint_block\.)/),
    { name: 'a ControlNet, which is used beside a checkpoint', code: 'isControlNet' },
  ],
  [
    has(/^(params(_ema)?\.)?(body\.0\.rdb1\.|model\.1\.sub\.|RRDB_trunk\.|body\.1\.weight$)/),
    { name: 'an upscaler, which makes pictures larger', code: 'isUpscaler' },
  ],
  [has(/^(concept_embeds|special_care_embeds)$/), { name: 'a safety checker, which is used from its folder' }],
  [has(/^(image_proj|ip_adapter)\./), { name: 'an IP-Adapter, which Easel cannot use yet' }],
  [isLora, LORA],
  [has(/^(string_to_param\.|emb_params$|clip_[lg]$)/), EMBEDDING],
  [
    has(
      /^first_stage_model\.(encoder|decoder)\.|^(encoder|decoder)\.(down|up|conv_in|mid|layers\.0\.weight)|^(taesd_|vae\.)?(en|de)coder\.\d+\.|^\d+\.conv\.0\.weight$/,
    ),
    { name: 'an autoencoder', code: 'isAutoencoder' },
  ],
];

/** What a file is that is not a model for Easel, judging by its keys; undefined if it may be one. */
export function otherKind(tensors: ReadonlyMap<string, StoredTensor>): OtherKind | undefined {
  const names = new Set(tensors.keys());
  // Whole checkpoints have parts that mark other files when they are alone: an autoencoder, an embedding.
  const checkpoint = has(/^model(\.|_ema\.)diffusion_model/)(names);
  const family = CHECKPOINTS.find(([mark]) => has(mark)(names))?.[1];
  if (family) return { name: family };
  if (checkpoint) return undefined;
  const part = PARTS.find(([mark]) => mark(names))?.[1];
  return part ?? (isVectors([...tensors.values()]) ? EMBEDDING : undefined);
}

/** Diffusers names an embedding's tensor by its word: all that can be recognised is a few vectors and nothing else. */
function isVectors([only, ...others]: readonly StoredTensor[]): boolean {
  return only !== undefined && others.length === 0 && (only.shape.length === 1 || only.shape.length === 2);
}
