import { CheckpointError } from '../errors.js';

/** Where diffusers puts the adapter's configuration (loaders/lora_base.py, LORA_ADAPTER_METADATA_KEY). */
const KEY = 'lora_adapter_metadata';

/**
 * The alphas that a file's metadata states: what peft's LoraConfig says of each network, as diffusers writes it since
 * 0.34 and without alphas among the tensors. With rsLoRA (Kalajdzievski 2023) the change is divided by the root of the
 * rank; the alpha that comes back is for a division by the rank.
 *
 * @throws CheckpointError if the metadata are not JSON.
 */
export function statedAlphas(
  path: string,
  metadata: ReadonlyMap<string, string>,
): (module: string, rank: number) => number | undefined {
  const text = metadata.get(KEY);
  const config = text === undefined ? {} : parse(path, text);
  return (module, rank) => {
    const [, network, name] = /^(unet|text_encoder)\.(.*)$/.exec(module) ?? ['', '', module];
    const stated = (field: string) => config[network ? `${network}.${field}` : field];
    const alpha = patterned(stated('alpha_pattern'), name!) ?? stated('lora_alpha');
    if (typeof alpha !== 'number') return undefined;
    return stated('use_rslora') === true ? alpha * Math.sqrt(rank) : alpha;
  };
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null) return { ...config };
  } catch {}
  throw new CheckpointError(`${path}: its ${KEY} is not a JSON object. The file is damaged: download it again.`);
}

/**
 * The first pattern that a module's name ends with; one that begins with ^ must be the whole name (peft's
 * get_pattern_key). Patterns are taken for names, not for regular expressions: a file must not run those.
 */
function patterned(patterns: unknown, name: string): unknown {
  if (typeof patterns !== 'object' || patterns === null) return undefined;
  const found = Object.entries(patterns).find(([pattern]) => {
    const plain = pattern.replace(/^\^/, '').replaceAll('\\.', '.');
    return name === plain || (!pattern.startsWith('^') && name.endsWith(`.${plain}`));
  });
  return found?.[1];
}
