import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import { readContainer } from './container.js';
import { readJson } from './json.js';
import { unreadable } from './source.js';
import type { StoredTensor } from './tensor.js';

/** One network's folder in a diffusers model: its files and the tensors in them, under their original names. */
export interface Component {
  folder: string;
  /** In the order of their names; several for sharded weights. */
  files: string[];
  tensors: Map<string, StoredTensor>;
  warnings: string[];
}

const WEIGHTS = /^(?:diffusion_pytorch_model|pytorch_model|model)(?:\.(?<variant>[\w-]+?))?\.(?<kind>safetensors|bin)$/;
const INDEX =
  /^(?:diffusion_pytorch_model|pytorch_model|model)(?:\.(?<before>[\w-]+?))?\.(?<kind>safetensors|bin)\.index(?:\.(?<after>[\w-]+))?\.json$/;

const indexJson = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * Finds and reads a component's weights: safetensors before .bin, the plain file before a variant (fp16 and others),
 * unless `useEma` is false and there is a non_ema one. A variant is used if there is nothing else.
 */
export async function readComponent(folder: string, useEma?: boolean): Promise<Component> {
  const names = await readdir(folder).catch((cause) => {
    throw unreadable(folder, cause);
  });
  const candidates = names.flatMap((name) => {
    const match = WEIGHTS.exec(name) ?? INDEX.exec(name);
    if (!match || /^\d{5}-of-/.test(match.groups?.variant ?? '')) return [];
    const { variant, before, after, kind } = match.groups!;
    const which = variant ?? before ?? after ?? '';
    return [
      { name, rank: (kind === 'bin' ? 10 : 0) + (which === '' ? 1 : which === 'non_ema' && useEma === false ? 0 : 2) },
    ];
  });
  const best = candidates.sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))[0];
  if (!best) {
    throw new CheckpointError(
      `${folder}: no weights here (model.safetensors, diffusion_pytorch_model.safetensors or .bin). Download the folder again.`,
    );
  }
  return best.name.endsWith('.json') ? readShards(folder, best.name) : readFiles(folder, [best.name]);
}

async function readShards(folder: string, indexName: string): Promise<Component> {
  const { weight_map: map } = await readJson(join(folder, indexName), indexJson);
  const names = [...new Set(Object.values(map))].sort();
  const stray = names.find((name) => basename(name) !== name || !WEIGHTS_SHARD.test(name));
  if (stray !== undefined) {
    throw new CheckpointError(
      `${join(folder, indexName)}: it names "${stray}", which is not a shard in the same folder.`,
    );
  }
  return readFiles(folder, names);
}

const WEIGHTS_SHARD = /\.(safetensors|bin)$/;

async function readFiles(folder: string, names: string[]): Promise<Component> {
  const files = names.map((name) => join(folder, name));
  const containers = await Promise.all(files.map((file) => readContainer(file)));
  return {
    folder,
    files,
    tensors: new Map(containers.flatMap(({ tensors }) => [...tensors])),
    warnings: containers.flatMap(({ warnings }) => warnings),
  };
}
