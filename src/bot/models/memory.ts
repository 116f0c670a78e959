import type { Model } from '../../engine/model.js';
import { elements } from '../../engine/shape.js';
import type { OfferedModel } from './models.js';

/** Bytes that a number of the weights takes while it is computed with. */
const FLOAT = 4;
/** Bytes for the picture, and for everything else. */
const ROOM_TO_PAINT = 0.5e9;

/** Bytes that a painter takes at most with this model, approximately. */
export function memoryOf({ model, bytes }: Pick<OfferedModel, 'model' | 'bytes'>): number {
  return ROOM_TO_PAINT + (model.kind === 'onnx' ? 2 * bytes : FLOAT * numbersIn(model));
}

function numbersIn({ weights, safetyChecker }: Extract<Model, { kind: 'weights' }>): number {
  const networks = [...Object.values(weights), ...(safetyChecker ? [safetyChecker.weights] : [])];
  return networks.flatMap((network) => [...network.values()]).reduce((sum, { shape }) => sum + elements(shape), 0);
}
