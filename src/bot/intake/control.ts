import type { ControlKind } from '../../engine/checkpoint/controlnets.js';
import { type ControlOffer, controlFor } from '../models/controls.js';
import type { ControlRequest } from '../request/paint-request.js';

/** The options of a command that a ControlNet is asked for with. */
export interface ControlOptions {
  readonly control: ControlKind | null;
  readonly weight: number | null;
}

interface Options {
  getString(name: string): string | null;
  getNumber(name: string): number | null;
}

/** As the options `control` and `weight` say, where the command has them. */
export function controlOptions(options: Options): ControlOptions {
  return { control: options.getString('control') as ControlKind | null, weight: options.getNumber('weight') };
}

/**
 * What a request says of its ControlNet; nothing if none was asked for.
 *
 * @param image key of the picture that steers. @throws Refusal if there is no such ControlNet for the model.
 */
export function controlled(
  offer: ControlOffer,
  { control, weight }: ControlOptions,
  model: string,
  image: string,
): { control?: ControlRequest } {
  if (control === null) return {};
  const { kind, name } = controlFor(offer, control, model);
  return { control: { kind, net: name, image, weight: weight ?? 1 } };
}
