import { CheckpointError } from '../../errors.js';
import type { AutoencoderConfig } from '../../model.js';
import type { StoredTensor } from '../tensor.js';

export const AUTOENCODER_PREFIX = 'first_stage_model.';

/** Canonical (diffusers) to CompVis; levels of the decoder are counted from the other end, which a table cannot say. */
const RENAMES: readonly [RegExp, string][] = [
  [/^encoder\.down_blocks\.(\d+)\.resnets\./, 'encoder.down.$1.block.'],
  [/^encoder\.down_blocks\.(\d+)\.downsamplers\.0\./, 'encoder.down.$1.downsample.'],
  [/^decoder\.up_blocks\.(\d+)\.resnets\./, 'decoder.up.$1.block.'],
  [/^decoder\.up_blocks\.(\d+)\.upsamplers\.0\./, 'decoder.up.$1.upsample.'],
  [/\.mid_block\.resnets\.0\./, '.mid.block_1.'],
  [/\.mid_block\.resnets\.1\./, '.mid.block_2.'],
  [/\.mid_block\.attentions\.0\./, '.mid.attn_1.'],
  [/\.group_norm\./, '.norm.'],
  [/\.to_q\./, '.q.'],
  [/\.to_k\./, '.k.'],
  [/\.to_v\./, '.v.'],
  [/\.to_out\.0\./, '.proj_out.'],
  [/\.conv_shortcut\./, '.nin_shortcut.'],
  [/\.conv_norm_out\./, '.norm_out.'],
];

/** Names of the attention in diffusers' autoencoder before version 0.15. */
const OLD_ATTENTION: Record<string, string> = { to_q: 'query', to_k: 'key', to_v: 'value', 'to_out.0': 'proj_attn' };

/** CompVis's name, without prefix, of a canonical autoencoder tensor. @param levels of the whole autoencoder. */
function autoencoderKey(levels: number, name: string): string {
  const flipped = name.replace(/^decoder\.up_blocks\.(\d+)/, (_, i) => `decoder.up_blocks.${levels - 1 - Number(i)}`);
  return RENAMES.reduce((key, [pattern, replacement]) => key.replace(pattern, replacement), flipped);
}

/** Finds canonical names in a file of CompVis's layout or of diffusers', new or old. */
export function autoencoderFinder(
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
): (name: string) => StoredTensor | undefined {
  let levels = 0;
  while (tensors.has(`${prefix}decoder.up.${levels}.block.0.conv1.weight`)) levels++;
  if (levels > 0) return (name) => tensors.get(prefix + autoencoderKey(levels, name));
  return (name) =>
    tensors.get(prefix + name) ??
    tensors.get(prefix + name.replace(/to_q|to_k|to_v|to_out\.0/, (part) => OLD_ATTENTION[part]!));
}

/**
 * Reads the architecture from names and shapes. What they do not determine has SD v1's value.
 *
 * @param find a tensor by its canonical name.
 */
export function inferAutoencoder(file: string, find: (name: string) => StoredTensor | undefined): AutoencoderConfig {
  const side = (name: string, axis: number): number => {
    const size = find(name)?.shape[axis];
    if (size === undefined) {
      throw new CheckpointError(
        `${file}: the autoencoder lacks "${name}". Is this a whole Stable Diffusion checkpoint?`,
      );
    }
    return size;
  };
  const widths: number[] = [];
  while (find(`decoder.up_blocks.${widths.length}.resnets.0.conv1.weight`)) {
    widths.unshift(side(`decoder.up_blocks.${widths.length}.resnets.0.conv1.weight`, 0));
  }
  let layers = 1;
  while (find(`decoder.up_blocks.0.resnets.${layers}.conv1.weight`)) layers++;
  return {
    inChannels: find('encoder.conv_in.weight')?.shape[1] ?? 3,
    outChannels: side('decoder.conv_out.weight', 0),
    latentChannels: side('post_quant_conv.weight', 0),
    blockOutChannels: widths,
    layersPerBlock: layers - 1,
    normGroups: 32,
    scalingFactor: 0.18215,
    midAttention: find('decoder.mid_block.attentions.0.to_q.weight') !== undefined,
  };
}
