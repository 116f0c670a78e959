import { RequestError } from '../errors.js';
import type { Model } from '../model.js';
import type { Room } from '../networks.js';
import { type Control, controlBytes } from './control.js';
import type { Engine } from './engine.js';
import { sizeStep } from './request.js';

/**
 * Refuses a picture that takes more memory than there is, before anything is computed: the system might end the process.
 *
 * @param encodes whether it starts from another picture. @param controls are there beside the model's networks.
 * @throws RequestError with the largest size of the same shape that would go.
 */
export function requireRoom(
  { model, networks }: Engine,
  width: number,
  height: number,
  encodes: boolean,
  controls: readonly Control[] = [],
): void {
  const { room } = networks;
  if (!room) return;
  const [needed, available] = [room.needed(width, height, encodes), room.available() - controlBytes(controls)];
  if (needed <= available) return;
  const takes = `${width}x${height} takes ${size(needed)} of memory, and ${size(available)} are free`;
  const fits = largest(model, { needed: room.needed, available }, width, height, encodes);
  if (!fits) {
    throw new RequestError(
      `${takes}: not even the smallest picture would go. Close other programs, or use another model.`,
      {
        meaning: { code: 'memory', values: {} },
      },
    );
  }
  throw new RequestError(`${takes}: ${fits.join('x')} would go.`, {
    meaning: { code: 'tooLargeForMemory', values: { width, height, fitWidth: fits[0], fitHeight: fits[1] } },
  });
}

function largest(
  model: Model,
  { needed, available }: Pick<Room, 'needed'> & { readonly available: number },
  width: number,
  height: number,
  encodes: boolean,
): [number, number] | undefined {
  const step = sizeStep(model);
  for (let long = Math.max(width, height) - step; long >= step; long -= step) {
    const [w, h] = [width, height].map((side) =>
      Math.max(step, Math.round((side * long) / Math.max(width, height) / step) * step),
    );
    if (needed(w!, h!, encodes) <= available) return [w!, h!];
  }
  return undefined;
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.max(0, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
