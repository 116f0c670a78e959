import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openModel } from '../engine/checkpoint/open.js';
import { EaselError } from '../engine/errors.js';
import type { Model } from '../engine/model.js';
import { sizeStep } from '../engine/pipeline/request.js';
import { Tokenizer } from '../engine/text/tokenizer.js';
import type { App } from './app.js';
import { Refusal } from './refusal.js';
import type { Settings } from './settings.js';
import { named } from './suggest.js';

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

/** Width and height by shape, about the area of the model's native square. */
export const ASPECTS = { square: [1, 1], portrait: [2, 3], landscape: [3, 2], tall: [9, 16], wide: [16, 9] } as const;

export type Aspect = keyof typeof ASPECTS;

/** What lies in the models folder. Read at the start: autocompletion cannot wait for a disk. */
export async function offeredModels(
  folder: string,
  safetyChecker: boolean,
  onUnusable: (name: string, error: EaselError) => void,
): Promise<Map<string, OfferedModel>> {
  const names = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new EaselError(`There is no folder ${folder} with models. Set MODELS_DIR in .env.`, { cause });
  });
  const offered = new Map<string, OfferedModel>();
  for (const entry of names) {
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory() && existsSync(join(path, 'model_index.json'));
    if (!isFolder && !/\.(ckpt|safetensors)$/.test(entry.name)) continue;
    try {
      const model = await openModel(path);
      const allowed = !safetyChecker || !model.card.needsSafetyChecker || model.safetyChecker !== undefined;
      offered.set(entry.name, {
        name: entry.name,
        path,
        model,
        tokenizer: await Tokenizer.open(model.tokenizer),
        bytes: await bytesOf(path),
        allowed,
      });
    } catch (error) {
      if (!(error instanceof EaselError)) throw error;
      onUnusable(entry.name, error);
    }
  }
  return offered;
}

async function bytesOf(path: string): Promise<number> {
  const found = await stat(path);
  if (found.isFile()) return found.size;
  const inside = await readdir(path);
  const sizes = await Promise.all(inside.map((name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, one) => sum + one, 0);
}

/** Whoever is named, else the guild's, else the operator's. @throws Refusal if there is no such model. */
export function modelOf(
  { models, config }: Pick<App, 'models' | 'config'>,
  name: string | null,
  settings: Pick<Settings, 'model'>,
): OfferedModel {
  // A guild's choice may have left the folder since.
  const chosen = settings.model !== null && models.has(settings.model) ? settings.model : config.model;
  const offered = models.get(name ?? chosen);
  if (!offered) throw new Refusal('noModel', { model: name! });
  return offered;
}

/** For autocompletion. */
export function modelChoices({ models }: Pick<App, 'models'>): { name: string; value: string }[] {
  return named([...models.values()].filter(({ allowed }) => allowed).map(({ name }) => name));
}

/** @returns [width, height] in pixels that the model can paint, nearest to its native area in the shape. */
export function sizeFor({ model }: OfferedModel, aspect: Aspect): [number, number] {
  const [across, down] = ASPECTS[aspect];
  const step = sizeStep(model);
  const unit = model.card.nativeSize / Math.sqrt(across * down);
  const side = (parts: number) => Math.max(step, Math.round((unit * parts) / step) * step);
  return [side(across), side(down)];
}
