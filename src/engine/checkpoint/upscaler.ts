import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { CheckpointError } from '../errors.js';
import type { CompactConfig, RrdbConfig, UpscalerConfig, UpscalerFile } from '../upscaler/architecture.js';
import { assemble } from './assemble.js';
import { readContainer } from './container.js';
import { otherKind } from './kinds.js';
import { upscalerShapes } from './layout/upscaler.js';
import { WEIGHTS_NAME } from './names.js';
import { unreadable } from './source.js';
import { count, type Find, upscalerFinder } from './upscaler-names.js';

/** Sizes beyond which a file cannot be meant: the largest published have 64 channels, 23 blocks and 32 layers. */
const MOST = { width: 512, deep: 256, scale: 16 };

/**
 * Opens an upscaler, a `.pth` or `.safetensors` as it is published: ESRGAN, Real-ESRGAN and what was trained from them
 * (RRDBNet), or SRVGGNetCompact. Architecture and scale follow from the tensors, whatever the file is called.
 *
 * @throws CheckpointError if it cannot be read, or is something else.
 */
export async function openUpscaler(path: string): Promise<UpscalerFile> {
  const real = await realpath(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const { tensors } = await readContainer(path);
  const find = upscalerFinder(tensors);
  if (!find) {
    const other = otherKind(tensors);
    throw new CheckpointError(
      `${path}: ${other && other.code !== 'isUpscaler' ? `this is ${other.name}, not an upscaler` : 'this is no upscaler that Easel knows'}. Choose an ESRGAN, a Real-ESRGAN or a compact one (SRVGGNetCompact).`,
    );
  }
  const config = configOf(path, find);
  const { weights, missing } = assemble(path, upscalerShapes(config), find);
  if (missing.length > 0) {
    const others = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
    throw new CheckpointError(
      `${path}: the upscaler lacks "${missing[0]}"${others}. Is the file whole? Download it again.`,
    );
  }
  return { path: real, name: basename(path).replace(WEIGHTS_NAME, ''), config, weights };
}

function configOf(path: string, find: Find): UpscalerConfig {
  const config = find('conv_first.weight') ? rrdbOf(path, find) : compactOf(path, find);
  const { width, scale } = config;
  const deep = config.kind === 'rrdb' ? config.blocks : config.layers;
  if (!(width >= 1 && width <= MOST.width && deep >= 1 && deep <= MOST.deep && scale <= MOST.scale))
    throw unknown(path);
  return config;
}

function rrdbOf(path: string, find: Find): RrdbConfig {
  const side = (name: string, axis: number) => find(`${name}.weight`)?.shape[axis] ?? 0;
  if (find('body.0.rdb1.conv1x1.weight')) {
    throw new CheckpointError(
      `${path}: this is an ESRGAN+, which Easel cannot use. Choose an ESRGAN or a Real-ESRGAN.`,
    );
  }
  const inChannels = side('conv_first', 1);
  const unshuffle = Math.sqrt(inChannels / 3);
  const stages = count((k) => find(`conv_up${k + 1}.weight`) !== undefined);
  const scale = 2 ** stages / unshuffle;
  if (side('conv_last', 0) !== 3 || ![1, 2, 4].includes(unshuffle)) throw notColour(path);
  if (!Number.isInteger(scale)) throw unknown(path);
  const blocks = count((k) => find(`body.${k}.rdb1.conv1.weight`) !== undefined);
  const growth = side('body.0.rdb1.conv1', 0);
  return { kind: 'rrdb', inChannels, unshuffle, width: side('conv_first', 0), growth, blocks, stages, scale };
}

function compactOf(path: string, find: Find): CompactConfig {
  const convolutions = count((k) => find(`body.${2 * k}.weight`) !== undefined);
  const first = find('body.0.weight')!.shape;
  const last = find(`body.${2 * (convolutions - 1)}.weight`)!.shape;
  const scale = Math.sqrt((last[0] ?? 0) / 3);
  // Others have a `body`, too; here PReLU has a number a channel.
  if (find('body.1.weight')?.shape.length !== 1 || convolutions < 2) throw unknown(path);
  if (first[1] !== 3 || !Number.isInteger(scale)) throw notColour(path);
  return { kind: 'compact', inChannels: 3, unshuffle: 1, width: first[0]!, layers: convolutions - 2, scale };
}

function unknown(path: string): CheckpointError {
  return new CheckpointError(
    `${path}: this is no upscaler that Easel knows. Choose an ESRGAN, a Real-ESRGAN or a compact one (SRVGGNetCompact).`,
  );
}

function notColour(path: string): CheckpointError {
  return new CheckpointError(`${path}: this upscaler is not for pictures in red, green and blue. Choose another.`);
}
