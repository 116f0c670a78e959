import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { withBytes } from '../checkpoint/tensor.js';
import { openUpscaler } from '../checkpoint/upscaler.js';
import { fromFloat32, readValues } from '../checkpoint/values.js';
import { EaselError } from '../errors.js';
import type { UpscalerFile } from './architecture.js';

/**
 * The upscaler with each weight mixed with that of the one beside it which removes no noise: `realesr-general-wdn-x4v3`
 * beside `realesr-general-x4v3` (Real-ESRGAN's inference_realesrgan.py, "deep network interpolation").
 *
 * @param strength 0..1: 1 is the upscaler itself, 0 the other.
 * @throws EaselError if there is no other, or it is of another kind.
 */
export async function withDenoise(file: UpscalerFile, strength = 1): Promise<UpscalerFile> {
  if (strength === 1) return file;
  const name = basename(file.path);
  const beside = join(dirname(file.path), name.replace('general-', 'general-wdn-'));
  if (!name.includes('general-') || name.includes('wdn') || !existsSync(beside)) {
    throw new EaselError(
      `${file.path}: how much noise is removed can be chosen for realesr-general-x4v3, with realesr-general-wdn-x4v3 beside it. Leave it out, or fetch both.`,
    );
  }
  const other = await openUpscaler(beside);
  if (JSON.stringify(other.config) !== JSON.stringify(file.config)) {
    throw new EaselError(
      `${beside}: it is of another kind than ${name}, so they cannot be mixed. Download both again.`,
    );
  }
  const weights = new Map(file.weights);
  for (const [key, tensor] of file.weights) {
    const [own, theirs] = [await readValues(tensor), await readValues(other.weights.get(key)!)];
    const mixed = own.map((value, k) => strength * value + (1 - strength) * theirs[k]!);
    weights.set(key, withBytes(tensor, 'F32', fromFloat32(mixed, 'F32')));
  }
  return { ...file, weights };
}
