import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAutoencoderName, isCheckpointName } from '../../engine/checkpoint/names.js';
import { openModel } from '../../engine/checkpoint/open.js';
import { EaselError } from '../../engine/errors.js';
import { filesBelow, sumOfBytes } from '../../engine/files-below.js';
import type { Model } from '../../engine/model.js';
import { sizeStep } from '../../engine/pipeline/request.js';
import type { Tokenizer } from '../../engine/text/tokenizer.js';
import { AREA_WEIGHT, type Size, sizeNear } from '../request/size.js';
import type { Settings } from '../rules/settings.js';
import { cut, lengthOf } from '../text/cut.js';
import { Refusal } from '../text/refusal.js';
import { LONGEST_CHOICE, named } from '../text/suggest.js';
import { modelPath, REFERENCE } from './model-path.js';
import { Tokenizers } from './tokenizers.js';

/** A model as the bot offers it: its card, its sizes, its tokenizer; no weights are loaded here. */
export interface OfferedModel {
  readonly name: string;
  readonly path: string;
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** Of all its files. */
  readonly bytes: number;
  /** False when the operator wants every picture checked and this model has nothing to check with. */
  readonly allowed: boolean;
}

/** By name. */
export type Models = ReadonlyMap<string, OfferedModel>;

/** What there is to paint with, and the operator's choice of it. */
export interface Offer {
  readonly models: Models;
  readonly config: { readonly model: string };
}

/** Width to height as people want it. */
const ASPECTS = { square: [1, 1], portrait: [2, 3], landscape: [3, 2], tall: [9, 16], wide: [16, 9] } as const;

export type Aspect = keyof typeof ASPECTS;

/** What lies in the models folder, links followed. Read at the start: autocompletion cannot wait for a disk. */
export async function offeredModels(
  folder: string,
  safetyChecker: boolean,
  onUnusable: (name: string, error: EaselError) => void,
): Promise<Map<string, OfferedModel>> {
  const names = await readdir(folder).catch((cause) => {
    throw new EaselError(`There is no models folder at ${folder}. Set MODELS_DIR in .env.`, { cause });
  });
  const offered = new Map<string, OfferedModel>();
  const tokenizers = new Tokenizers();
  for (const name of new Set([...names, REFERENCE.name])) {
    const path = modelPath(folder, name);
    if (!(await mayBeModel(path))) continue;
    try {
      const model = await openModel(path);
      const allowed = !safetyChecker || !model.card.needsSafetyChecker || model.safetyChecker !== undefined;
      offered.set(name, {
        name,
        path,
        model,
        tokenizer: await tokenizers.of(model.tokenizer),
        bytes: sumOfBytes(await filesBelow(path)),
        allowed,
      });
    } catch (error) {
      if (!(error instanceof EaselError)) throw error;
      onUnusable(name, error);
    }
  }
  return offered;
}

async function mayBeModel(path: string): Promise<boolean> {
  const isLink = (await lstat(path).catch(() => null))?.isSymbolicLink() ?? false;
  const real = await realpath(path).catch(() => null);
  // What a link is meant to lead to is unknown when it leads nowhere: opening it tells the operator.
  if (real === null) return isLink;
  if ((await stat(real)).isDirectory()) return existsSync(join(real, 'model_index.json'));
  return !isAutoencoderName(path) && [path, real].some(isCheckpointName);
}

/** Whoever is named, else the guild's, else the operator's. @throws Refusal if there is no such model. */
export function modelOf(
  { models, config }: Offer,
  name: string | null,
  settings: Pick<Settings, 'model'>,
): OfferedModel {
  // A guild's choice may have left the folder since.
  const chosen = settings.model !== null && models.has(settings.model) ? settings.model : config.model;
  const offered = name === null ? models.get(chosen) : modelNamed(models, name);
  if (!offered) throw new Refusal('noModel', { model: name! });
  return offered;
}

/** What stands for a model in choices and menus, where Discord takes 100 characters: its name, or of a longer one the beginning and a hash. */
export function modelChoice(name: string): string {
  if (lengthOf(name) <= LONGEST_CHOICE) return name;
  return `${cut(name, LONGEST_CHOICE - 10)} #${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** By its name or by what stands for it. */
export function modelNamed(models: Models, name: string): OfferedModel | undefined {
  return models.get(name) ?? [...models.values()].find((model) => modelChoice(model.name) === name);
}

/** For autocompletion. */
export function modelChoices({ models }: Pick<Offer, 'models'>): { name: string; value: string }[] {
  return named([...models.values()].filter(({ allowed }) => allowed).map(({ name }) => modelChoice(name)));
}

/**
 * Shapes to choose from, and the sizes that the operator's model paints in them: as near as its multiples allow, at about its
 * native area. Two that would come out alike are one.
 */
export function aspectSizes({ models, config }: Offer): Map<Aspect, Size> {
  const { model } = models.get(config.model)!;
  const sizes = new Map<Aspect, Size>();
  const seen = new Set<string>();
  for (const [aspect, shape] of Object.entries(ASPECTS) as [Aspect, Size][]) {
    const size = sizeOfShape(model, shape);
    if (!seen.has(String(size))) sizes.set(aspect, size);
    seen.add(String(size));
  }
  return sizes;
}

/** Of a picture from words. In another model than the operator's, what a shape is called there holds as nearly as it can. */
export function sizeFor(offer: Offer, { model }: OfferedModel, aspect: Aspect): Size {
  return sizeOfShape(model, aspectSizes(offer).get(aspect) ?? ASPECTS[aspect]);
}

function sizeOfShape(model: Model, shape: Size): Size {
  return sizeNear(shape, model.card.nativeSize ** 2, sizeStep(model), AREA_WEIGHT.words);
}

/** Of a picture from another one in its proportions. @param picture sides, pixels. */
export function sizeFrom(model: Model, picture: Size): Size {
  return sizeNear(picture, model.card.nativeSize ** 2, sizeStep(model), AREA_WEIGHT.picture);
}

/**
 * Of a picture that is to be enlarged, before it is: as it is, if it is no larger than twice the model's native square; sides
 * in multiples that the model can paint.
 */
export function sizeToEnlarge(model: Model, [width, height]: Size): Size {
  const most = (2 * model.card.nativeSize) ** 2;
  return sizeNear([width, height], Math.min(width * height, most), sizeStep(model), AREA_WEIGHT.picture);
}
