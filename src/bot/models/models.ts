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
import { purposeOf } from '../../engine/purpose.js';
import type { Tokenizer } from '../../engine/text/tokenizer.js';
import { VARIATION_STRENGTH } from '../request/bounds.js';
import type { CanvasLimits } from '../request/canvas.js';
import { AREA_WEIGHT, ASPECTS, type Size, sizeNear } from '../request/size.js';
import type { Settings } from '../rules/settings.js';
import { cut, lengthOf } from '../text/cut.js';
import { Refusal } from '../text/refusal.js';
import { LONGEST_CHOICE, named } from '../text/suggest.js';
import { modelPath, REFERENCE } from './model-path.js';
import { Tokenizers } from './tokenizers.js';

/** A model on offer: its card, sizes and tokenizer. No weights are loaded. */
export interface OfferedModel {
  readonly name: string;
  readonly path: string;
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** Size of all its files. */
  readonly bytes: number;
  /** False if the operator wants every picture checked and this model has no safety checker. */
  readonly allowed: boolean;
  /** What its pickle names with which it could run programs where Python loads it. Here nothing of it runs. */
  readonly dangerous: readonly string[];
}

/** By name. */
export type Models = ReadonlyMap<string, OfferedModel>;

/** The models on offer, and the operator's default. */
export interface Offer {
  readonly models: Models;
  readonly config: { readonly model: string };
}

export type Aspect = keyof typeof ASPECTS;

/** What is in the models folder, including links. Read at the start, because autocompletion cannot wait for a disk. */
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
      const model = await openModel(path, { scan: true });
      const allowed = !safetyChecker || !model.card.needsSafetyChecker || model.safetyChecker !== undefined;
      offered.set(name, {
        name,
        path,
        model,
        tokenizer: await tokenizers.of(model.tokenizer),
        bytes: sumOfBytes(await filesBelow(path)),
        allowed,
        dangerous: model.scan?.dangerous ?? [],
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
  // A broken link may be meant for anything: opening it shows the operator the error.
  if (real === null) return isLink;
  if ((await stat(real)).isDirectory()) return existsSync(join(real, 'model_index.json'));
  return !isAutoencoderName(path) && [path, real].some(isCheckpointName);
}

/** The named model, otherwise the guild's, otherwise the operator's. @throws Refusal if there is no such model. */
export function modelOf(
  { models, config }: Offer,
  name: string | null,
  settings: Pick<Settings, 'model'>,
): OfferedModel {
  // A guild's choice may have been removed from the folder since.
  const chosen = settings.model !== null && models.has(settings.model) ? settings.model : config.model;
  const offered = name === null ? models.get(chosen) : modelNamed(models, name);
  if (!offered) throw new Refusal('noModel', { model: name! });
  return offered;
}

/**
 * A model's value in choices and menus, where Discord allows 100 characters: its name, or for longer names the start
 * and a hash.
 */
export function modelChoice(name: string): string {
  if (lengthOf(name) <= LONGEST_CHOICE) return name;
  return `${cut(name, LONGEST_CHOICE - 10)} #${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** By name or by {@link modelChoice}. */
export function modelNamed(models: Models, name: string): OfferedModel | undefined {
  return models.get(name) ?? [...models.values()].find((model) => modelChoice(model.name) === name);
}

/** For autocompletion. */
export function modelChoices({ models }: Pick<Offer, 'models'>): { name: string; value: string }[] {
  return named([...models.values()].filter(({ allowed }) => allowed).map(({ name }) => modelChoice(name)));
}

/** How much of a picture changes where nobody says: a model that edits sees the picture beside, and begins with noise. */
export function variationStrength(model: Model): number {
  return purposeOf(model) === 'edit' ? 1 : VARIATION_STRENGTH;
}

/**
 * The shapes on offer, and the sizes in which the operator's model paints them: as near as its multiples allow, at
 * about its native area. Shapes with equal sizes are merged.
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

/** For a picture from words. In other models than the operator's, the shape is matched as nearly as possible. */
export function sizeFor(offer: Offer, { model }: OfferedModel, aspect: Aspect): Size {
  return sizeOfShape(model, aspectSizes(offer).get(aspect) ?? ASPECTS[aspect]);
}

/** For a picture from words, at about the model's native area. @param shape in any unit. */
export function sizeOfShape(model: Model, shape: Size): Size {
  return sizeNear(shape, model.card.nativeSize ** 2, sizeStep(model), AREA_WEIGHT.words);
}

/** For a picture with the proportions of another one. @param picture its width and height in pixels. */
export function sizeFrom(model: Model, picture: Size): Size {
  return sizeNear(picture, model.card.nativeSize ** 2, sizeStep(model), AREA_WEIGHT.picture);
}

/** How many of its native squares a model paints at once around a picture: an enlarged square, and as much again. */
const CANVAS_SQUARES = 8;

/**
 * How large a canvas may be: as large as the model paints at once, or as the operator allows.
 *
 * @throws Refusal if the model is gone.
 */
export function canvasLimits(
  { models, config }: { readonly models: Models; readonly config: { readonly maxWork: number } },
  request: { readonly model: string; readonly steps: number },
): CanvasLimits {
  const model = models.get(request.model)?.model;
  if (!model) throw new Refusal('noModel', { model: request.model });
  const most = Math.min(CANVAS_SQUARES * model.card.nativeSize ** 2, config.maxWork / request.steps);
  return { step: sizeStep(model), most };
}

/**
 * The size of a picture to be enlarged, before it is: its own, as long as it comes to no more than four times the model's
 * native side, with sides in multiples that the model can paint.
 */
export function sizeToEnlarge(model: Model, [width, height]: Size, factor = 2): Size {
  const most = ((4 * model.card.nativeSize) / factor) ** 2;
  return sizeNear([width, height], Math.min(width * height, most), sizeStep(model), AREA_WEIGHT.picture);
}
