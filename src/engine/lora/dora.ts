import { readValues } from '../checkpoint/values.js';
import { elements } from '../shape.js';
import { DeltaError, type Parts, type Weight } from './parts.js';

/** float32's epsilon: what LyCORIS adds to a norm that might be 0. */
const EPSILON = 2 ** -23;

/**
 * The change that leaves only the direction of W + change and gives it the trained magnitude (DoRA, Liu et al. 2024).
 * PEFT has a magnitude for each output; LyCORIS and kohya for each output or, as they did at first, for each input: the
 * shape says which.
 */
export async function decomposed(parts: Parts, weight: Weight, change: Float32Array): Promise<Float32Array> {
  const { values, shape } = weight;
  const [outputs = 1, inputs = 1, ...kernel] = shape;
  const tensor = (parts.get('magnitude') ?? parts.get('dora_scale'))!;
  const magnitudes = await readValues(tensor);
  const ofOutputs = parts.has('magnitude') || tensor.shape[0] === outputs;
  const count = ofOutputs ? outputs : inputs;
  if (magnitudes.length !== count) {
    throw new DeltaError(`it has ${magnitudes.length} magnitudes for ${count} channels`);
  }
  const run = elements(kernel) * (ofOutputs ? inputs : 1);
  const channel = (k: number) => Math.floor(k / run) % count;
  const squares = new Float64Array(count);
  for (let k = 0; k < values.length; k++) squares[channel(k)]! += (values[k]! + change[k]!) ** 2;
  const factors = squares.map((square, c) => magnitudes[c]! / (Math.sqrt(square) + EPSILON));
  return change.map((value, k) => (values[k]! + value) * factors[channel(k)]! - values[k]!);
}
