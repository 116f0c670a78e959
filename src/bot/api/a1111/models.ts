import { parse } from 'node:path';
import type { Offer, OfferedModel } from '../../models/models.js';
import { ApiError } from '../api-error.js';

/** `/sdapi/v1/sd-models`. Hashing a model takes seconds, so that none has its hash in its title. */
export function modelItem({ name, path }: OfferedModel): object {
  return { title: name, model_name: withoutExtension(name), hash: null, sha256: null, filename: path, config: null };
}

/**
 * The model by its title, with a hash behind it or not, or by its name without extension, as AUTOMATIC1111 finds it
 * (modules/sd_models.py, checkpoint_aliases).
 *
 * @throws ApiError if there is none.
 */
export function modelTitled({ models }: Pick<Offer, 'models'>, title: string): OfferedModel {
  const name = title.replace(/ \[[0-9a-f]+\]$/i, '').trim();
  const found =
    models.get(name) ?? [...models.values()].find((model) => withoutExtension(model.name) === withoutExtension(name));
  if (!found) throw new ApiError(404, 'Model not found', { code: 'model_not_found' });
  return found;
}

function withoutExtension(name: string): string {
  return /\.(safetensors|ckpt|pt|gguf)$/i.test(name) ? parse(name).name : name;
}
