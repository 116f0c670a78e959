import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../checkpoint/json.js';
import { CheckpointError } from '../errors.js';

/** Where diffusers puts the adapter's configuration (loaders/lora_base.py, LORA_ADAPTER_METADATA_KEY). */
const KEY = 'lora_adapter_metadata';
/** Where PEFT puts it: next to the weights, which it calls adapter_model. */
const BESIDE = 'adapter_config.json';
/** The prefix of PEFT's names. */
const PEFT = /^base_model\.model\./;

type Config = Record<string, unknown>;

export interface StatedScales {
  /** What a module's update is multiplied by, if it is stated. @param rank of its tensors, where they have one. */
  of(module: string, rank: number | undefined): number | undefined;
  warnings: readonly string[];
}

/**
 * The scales that a file states apart from its tensors: PEFT's LoraConfig for each network, which diffusers writes into the
 * metadata since 0.34, and PEFT into a separate file. It is alpha / rank, with rsLoRA (Kalajdzievski 2023) alpha /
 * the rank's root.
 *
 * @throws CheckpointError if the configuration cannot be read, or is for a method that is not LoRA.
 */
export async function statedScales(
  path: string,
  metadata: ReadonlyMap<string, string>,
  modules: Iterable<string>,
): Promise<StatedScales> {
  const text = metadata.get(KEY);
  if (text !== undefined) return scalesOf(parse(path, text));
  const [first] = modules;
  if (first === undefined || !PEFT.test(first)) return scalesOf({});
  const file = join(dirname(path), BESIDE);
  if (existsSync(file)) return scalesOf(accepted(file, await readJson(file, z.looseObject({}))));
  const lacking = `${path}: its trained strength is in ${BESIDE}, which is missing: put that file next to it. Until then the strength is taken as 1.`;
  return scalesOf({}, [lacking]);
}

function scalesOf(config: Config, warnings: readonly string[] = []): StatedScales {
  return {
    warnings,
    of: (module, rank) => {
      const [, network, name] = /^(unet|text_encoder)\.(.*)$/.exec(module.replace(PEFT, '')) ?? ['', '', module];
      const stated = (field: string) => config[network ? `${network}.${field}` : field];
      const alpha = patterned(stated('alpha_pattern'), name!) ?? stated('lora_alpha') ?? stated('alpha');
      const over = rank ?? patterned(stated('rank_pattern'), name!) ?? stated('r');
      if (typeof alpha !== 'number' || typeof over !== 'number') return undefined;
      return alpha / (stated('use_rslora') === true ? Math.sqrt(over) : over);
    },
  };
}

function parse(path: string, text: string): Config {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null) return { ...config };
  } catch {}
  throw new CheckpointError(`${path}: its ${KEY} is not a JSON object. The file is damaged: download it again.`);
}

/** PEFT's methods whose tensors have names that LoRA files have. */
const METHODS = new Set<unknown>([undefined, 'LORA', 'LOHA', 'LOKR']);

function accepted(file: string, config: Config): Config {
  if (METHODS.has(config.peft_type)) return config;
  throw new CheckpointError(
    `${file}: this adapter is PEFT's ${String(config.peft_type).slice(0, 40)}, which Easel cannot apply.`,
  );
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
