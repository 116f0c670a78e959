import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ControlNet } from '../controlnet.js';
import { CheckpointError } from '../errors.js';
import type { UNetConfig } from '../model.js';
import { assemble, requireComplete } from './assemble.js';
import { readComponent } from './component.js';
import { unetKey } from './compvis/unet.js';
import { readContainer } from './container.js';
import { quickHash } from './hash.js';
import { controlNetShapes } from './layout/controlnet.js';
import { WEIGHTS_NAME } from './names.js';
import { unreadable } from './source.js';
import type { StoredTensor } from './tensor.js';

const HINT = 'controlnet_cond_embedding';

/**
 * Opens a ControlNet for a model: a diffusers folder, or a file with the names of lllyasviel's ControlNet (`control_model.`
 * before them or not) or of diffusers. Its architecture is its model's, whose way down it copies.
 *
 * @param base the UNet of the model it will be used with.
 * @throws CheckpointError if it cannot be read, is no ControlNet, or is one for another kind of model.
 */
export async function openControlNet(path: string, base: UNetConfig): Promise<ControlNet> {
  const real = await realpath(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const { tensors, files } = (await stat(real)).isDirectory()
    ? await readComponent(real)
    : { ...(await readContainer(path)), files: [real] };
  const find = controlFinder(path, tensors, base);
  const side = (name: string, axis: number) => find(`${name}.weight`)?.shape[axis];
  const context = [...tensors].find(([name]) => name.endsWith('attn2.to_k.weight'))?.[1].shape[1];
  if (context !== undefined && context !== base.crossAttentionDim) {
    throw new CheckpointError(
      `${path}: this ControlNet listens to prompts of width ${context}, the model's have ${base.crossAttentionDim}: it was made for another family. Choose one for this model.`,
    );
  }
  const width = side('conv_in', 0);
  if (width !== undefined && width !== base.blockOutChannels[0]) {
    throw new CheckpointError(
      `${path}: this ControlNet has features of width ${width}, the model's have ${base.blockOutChannels[0]}: it was made for another kind of model. Choose one for this model.`,
    );
  }
  const hintWidths = [side(`${HINT}.conv_in`, 0) ?? 0];
  while (find(`${HINT}.blocks.${2 * hintWidths.length - 1}.weight`)) {
    hintWidths.push(side(`${HINT}.blocks.${2 * hintWidths.length - 1}`, 0)!);
  }
  const unet = { ...base, inChannels: side('conv_in', 1) ?? base.inChannels };
  const config = { unet, hintWidths };
  const { weights, missing } = assemble(path, controlNetShapes(config), find);
  requireComplete(path, 'ControlNet', missing);
  const name = basename(path).replace(WEIGHTS_NAME, '');
  return { path: real, name, hash: await quickHash(files[0]!), config, weights };
}

/** Finds canonical (diffusers) names in the file's. */
function controlFinder(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  unet: UNetConfig,
): (name: string) => StoredTensor | undefined {
  if (tensors.has(`${HINT}.conv_in.weight`)) return (name) => tensors.get(name);
  const prefix = ['control_model.', ''].find((start) => tensors.has(`${start}input_hint_block.0.weight`));
  if (prefix === undefined) {
    throw new CheckpointError(`${path}: there is no ControlNet in it. Choose a file or folder that is one.`);
  }
  // Every other layer is a SiLU.
  let last = 0;
  for (const name of tensors.keys()) {
    const layer = /^(.*)input_hint_block\.(\d+)\.weight$/.exec(name);
    if (layer?.[1] === prefix) last = Math.max(last, Number(layer[2]));
  }
  return (name) => {
    const key = name
      .replace(`${HINT}.conv_in.`, 'input_hint_block.0.')
      .replace(`${HINT}.conv_out.`, `input_hint_block.${last}.`)
      .replace(/^controlnet_cond_embedding\.blocks\.(\d+)\./, (_, k) => `input_hint_block.${2 * Number(k) + 2}.`)
      .replace(/^controlnet_down_blocks\.(\d+)\./, 'zero_convs.$1.0.')
      .replace('controlnet_mid_block.', 'middle_block_out.0.');
    return tensors.get(prefix + (key === name ? unetKey(unet, name) : key));
  };
}
