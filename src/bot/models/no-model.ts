import { basename, join, sep } from 'node:path';
import { type Config, DEFAULT_MODEL } from '../../config.js';
import { modelsBelow } from '../../engine/checkpoint/models-below.js';
import { openModel } from '../../engine/checkpoint/open.js';
import { EaselError } from '../../engine/errors.js';
import { isPullable } from '../../pull/target.js';
import { remedyOf } from '../text/remedies.js';
import { REFERENCE } from './model-path.js';
import type { Models, OfferedModel } from './models.js';

/** Most names in a message. */
const MANY = 10;

/** Why the default model is missing, with a line for each alternative. */
export async function noSuchModel(
  { model, modelsDir }: Pick<Config, 'model' | 'modelsDir'>,
  models: Models,
  unusable: ReadonlyMap<string, EaselError>,
): Promise<EaselError> {
  const cause = unusable.get(model);
  if (cause)
    return new EaselError(`MODEL is "${model}", which cannot be used. ${cause.message}`, { cause, code: cause.code });
  const which = model === DEFAULT_MODEL ? `MODEL's default, "${model}",` : `MODEL is "${model}", which`;
  const lines = [`${which} is not in ${modelsDir}.`];
  if (isPullable(model)) lines.push(`Get it with: npx easel pull ${model}`);
  if (models.size > 0) lines.push(`Set MODEL to one of: ${listed([...models.keys()])}.`);
  for (const [name, error] of [...unusable].slice(0, MANY)) {
    lines.push([`${name} cannot be used.`, error.message, remedyOf(error) ?? ''].join(' ').trim());
  }
  const deeper = await usableFurtherDown(modelsDir);
  if (deeper.length > 0) {
    const example = basename(deeper[0]!);
    lines.push(`In folders of it, where the bot does not look: ${listed(deeper)}.`);
    lines.push(`Move or link what you want into ${modelsDir} itself, and set MODEL=${example}.`);
  }
  if (lines.length === 1) {
    const own = model === DEFAULT_MODEL ? ', or remove MODELS_DIR from .env: this model comes with Easel' : '';
    lines.push(`Put a model there and set MODEL to its name${own}.`);
  }
  return new EaselError(lines.join('\n'));
}

/** The operator wants pictures checked, but the model has no safety checker. */
export function unchecked({ name, model }: OfferedModel): EaselError {
  return model.kind === 'onnx'
    ? new EaselError(`MODEL is "${name}", an ONNX folder: its pictures cannot be checked. Set SAFETY_CHECKER=off.`)
    : new EaselError(`MODEL is "${name}", which has no safety checker.`, { code: 'noSafetyChecker' });
}

async function usableFurtherDown(folder: string): Promise<string[]> {
  const found: string[] = [];
  const offered = join(REFERENCE.path);
  for (const path of (await modelsBelow(folder)).filter((path) => path.includes(sep) && path !== offered)) {
    const opened = await openModel(join(folder, path)).catch(() => null);
    if (opened && found.push(path) > MANY) break;
  }
  return found;
}

function listed(names: readonly string[]): string {
  return names.length > MANY ? `${names.slice(0, MANY).join(', ')}, ...` : names.join(', ');
}
