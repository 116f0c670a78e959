import { openControlNet } from '../../engine/checkpoint/controlnet.js';
import {
  CONTROL_KIND_NAMES,
  CONTROL_KINDS,
  type ControlKind,
  controlNetsIn,
  type FoundControlNet,
} from '../../engine/checkpoint/controlnets.js';
import { EaselError } from '../../engine/errors.js';
import type { UNetConfig } from '../../engine/model.js';
import { purposeOf } from '../../engine/purpose.js';
import type { Translate } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import type { Models } from './models.js';

/** A ControlNet on offer. No weights are loaded. */
export interface OfferedControl extends FoundControlNet {
  readonly kind: ControlKind;
  /** Names of the models that it was made for, at least one. */
  readonly fits: ReadonlySet<string>;
}

/** The ControlNets on offer. */
export interface ControlOffer {
  readonly controls: readonly OfferedControl[];
}

/**
 * The ControlNets in the folder `controlnet` of the models folder that fit a model on offer, and whose kind is known. Read
 * at the start, as the models are.
 */
export async function offeredControls(
  folder: string,
  models: Models,
  onUnusable: (name: string, error: EaselError) => void,
): Promise<OfferedControl[]> {
  const offered: OfferedControl[] = [];
  for (const net of await controlNetsIn(folder)) {
    if (!net.kind) {
      const names = CONTROL_KIND_NAMES.join(', ');
      onUnusable(
        net.name,
        new EaselError(
          `${net.path}: its name says none of ${names}: rename it, or say so in its card, as in {"control": "canny"}.`,
        ),
      );
      continue;
    }
    const { fits, error } = await fitting(net, models);
    if (fits.size > 0) offered.push({ ...net, kind: net.kind, fits });
    else if (error) onUnusable(net.name, error);
  }
  return offered;
}

/** By architecture: models of one family have the same. */
async function fitting({ path }: FoundControlNet, models: Models) {
  const tried = new Map<string, EaselError | null>();
  const fits = new Set<string>();
  for (const { name, model } of models.values()) {
    // Those that edit pictures take none.
    if (model.kind === 'onnx' || purposeOf(model) === 'edit') continue;
    const key = JSON.stringify(model.unet);
    if (!tried.has(key)) tried.set(key, await whyNot(path, model.unet));
    if (tried.get(key) === null) fits.add(name);
  }
  return { fits, error: [...tried.values()].find((error) => error !== null) };
}

async function whyNot(path: string, unet: UNetConfig): Promise<EaselError | null> {
  try {
    await openControlNet(path, unet);
    return null;
  } catch (error) {
    if (error instanceof EaselError) return error;
    throw error;
  }
}

/** The kinds on offer, in their usual order. @param made only those whose picture is made of any other. */
export function kindsOf({ controls }: ControlOffer, made = false): ControlKind[] {
  return CONTROL_KIND_NAMES.filter(
    (kind) =>
      controls.some((control) => control.kind === kind) && !(made && CONTROL_KINDS[kind].preprocessor === 'none'),
  );
}

/** The ControlNet of a kind for a model, if there is one. */
export function controlOf({ controls }: ControlOffer, kind: ControlKind, model: string): OfferedControl | undefined {
  return controls.find((control) => control.kind === kind && control.fits.has(model));
}

/** The ControlNet of a kind for a model. @throws Refusal if there is none, or none for this model. */
export function controlFor(offer: ControlOffer, kind: ControlKind, model: string): OfferedControl {
  const found = controlOf(offer, kind, model);
  if (found) return found;
  const named = { kind: (t: Translate) => t(`control.${kind}`) };
  throw offer.controls.some((control) => control.kind === kind)
    ? new Refusal('controlUnfit', { ...named, model })
    : new Refusal('noControl', named);
}
