import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { userCacheFolder } from '../cache-folder.js';
import { version } from '../version.js';
import { writeWhole } from '../write-file.js';
import { onnxRuntime } from './native.js';
import type { Provider } from './provider.js';
import { providerLibrary } from './provider-library.js';
import { surroundings } from './surroundings.js';
import { type Tried, tryApart } from './try-apart.js';

/** To be raised when the trial changes without a new version of Easel. */
const FORMAT = 3;

const operator = z.enum(['fused', 'plain']);
const form = (float: 'float32' | 'float16') =>
  z.object({
    float: z.literal(float),
    attention: operator,
    norms: operator,
    waves: operator,
    castTables: z.boolean(),
  });
const kept = z.object({
  key: z.string(),
  adapter: z.object({ name: z.string().optional(), software: z.boolean() }).optional(),
  trial: z.union([
    z.object({
      forms: z.object({ float32: form('float32'), float16: form('float16').optional() }),
      float32: z.number(),
      float16: z.number().optional(),
    }),
    z.object({ refusal: z.string() }),
  ]),
});

/**
 * The result of a device's trial: the one kept in the cache folder, or a new one if the drivers, the version of ONNX
 * Runtime or Easel, or the head size is another. That no session can be created is not kept, because it may be fixed
 * without any of those changing.
 *
 * @param folder where results are kept. If it cannot be written to, every start costs a trial.
 */
export async function trialOf(
  provider: Provider,
  headSize: number,
  { folder = userCacheFolder(), tryOut = tryApart as (provider: Provider, headSize: number) => Promise<Tried> } = {},
): Promise<Tried> {
  const { key, file } = await placeOf(provider, headSize, folder);
  try {
    const found = kept.parse(JSON.parse(await readFile(file, 'utf8')));
    if (found.key === key) return { adapter: found.adapter, trial: found.trial };
  } catch {
    // Missing, incomplete or not ours: the trial is run.
  }
  const tried = await tryOut(provider, headSize);
  if ('trial' in tried) await keepTrial(provider, headSize, tried, folder);
  return tried;
}

/** Keeps the result of a trial, if the folder can be written to. */
export async function keepTrial(
  provider: Provider,
  headSize: number,
  tried: Exclude<Tried, { reason: string }>,
  folder = userCacheFolder(),
): Promise<void> {
  const { key, file } = await placeOf(provider, headSize, folder);
  try {
    await mkdir(join(folder, 'devices'), { recursive: true });
    await writeWhole(file, JSON.stringify({ key, ...tried }));
  } catch {
    // It will be run again next time.
  }
}

async function placeOf(provider: Provider, headSize: number, folder: string) {
  const { versions } = (await onnxRuntime()).env;
  const library = providerLibrary(provider);
  const around = surroundings(library ? [library] : []);
  const key = JSON.stringify([FORMAT, version, versions, provider, headSize, around]);
  return { key, file: join(folder, 'devices', `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`) };
}
