import { readValues } from '../checkpoint/values.js';
import { elements } from '../shape.js';
import { DeltaError, need, number, type Parts, type Weight } from './parts.js';

/** Each output, or each input, is made stronger or weaker by its own factor ((IA)^3, Liu et al. 2022; LyCORIS stores factor - 1). */
export async function ia3(parts: Parts, { values, shape }: Weight): Promise<Float32Array> {
  const factors = await readValues(need(parts, 'ia3'));
  const [outputs = 1, inputs = 1, ...kernel] = shape;
  const onInput = (await number(parts, 'on_input')) !== 0;
  const wanted = onInput ? inputs : outputs;
  if (factors.length !== wanted) throw new DeltaError(`it has ${factors.length} factors for ${wanted} channels`);
  // Neighbours that share a factor, before the next one's turn.
  const run = elements(kernel) * (onInput ? 1 : inputs);
  return values.map((value, k) => value * factors[Math.floor(k / run) % wanted]!);
}
