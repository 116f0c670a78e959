import { readValues } from '../checkpoint/values.js';
import { decomposed } from './dora.js';
import { glora } from './glora.js';
import { ia3 } from './ia3.js';
import { loha, lokr, lora } from './low-rank.js';
import type { Multiply } from './matmul.js';
import type { Part } from './names.js';
import { DeltaError, number, type Parts, type Weight } from './parts.js';
import { rotated } from './rotation.js';
import { wayOf } from './ways.js';

/**
 * The change to one weight, row-major with as many numbers as the weight, as strong as it was trained. LoRA is Hu et al.
 * 2021; LoHa, LoKr, the Tucker form for convolutions and GLoRA as LyCORIS has them (Yeh et al. 2024).
 *
 * @throws DeltaError if the parts do not fit together or to the weight.
 */
export async function delta(parts: Parts, weight: Weight, multiply: Multiply): Promise<Float32Array> {
  const size = weight.values.length;
  // Between the factors of a Tucker form there may be a little more than comes out.
  const bounded: Multiply = (a, b) => {
    if ((a.batch ?? 1) * a.rows * b.columns > 4 * size + 65536)
      throw new DeltaError(`its parts give more than the ${size} numbers of the weight`);
    return multiply(a, b);
  };
  const change = await changeOf(parts, weight, bounded);
  if (change.length !== size)
    throw new DeltaError(`it changes ${change.length} numbers, but the model has ${size} there`);
  return parts.has('dora_scale') || parts.has('magnitude') ? decomposed(parts, weight, change) : change;
}

async function changeOf(parts: Parts, weight: Weight, multiply: Multiply): Promise<Float32Array> {
  switch (wayOf(parts)) {
    case 'LoRA':
      return scaled(parts, await lora(parts, multiply));
    case 'LoHa':
      return scaled(parts, await loha(parts, multiply));
    case 'LoKr':
      return scaled(parts, await lokr(parts, weight.values.length, multiply));
    case 'GLoRA':
      return scaled(parts, await glora(parts, weight, multiply));
    case 'OFT':
      return rotated(parts, weight, multiply);
    case '(IA)^3':
      return ia3(parts, weight);
    case 'full':
      return readValues(parts.get('diff')!);
    default:
      throw new DeltaError('it changes nothing');
  }
}

/** The part whose rows are the rank, for each kind; a LoKr of two whole factors has none. */
const RANKED: readonly Part[] = ['down', 'hada_w1_b', 'lokr_w1_b', 'lokr_w2_b'];

/** Times alpha / rank, unless the file states another scale. */
async function scaled(parts: Parts, change: Float32Array): Promise<Float32Array> {
  const scale = (await number(parts, 'scale')) ?? (await alphaOverRank(parts));
  return scale === 1 ? change : change.map((value) => value * scale);
}

async function alphaOverRank(parts: Parts): Promise<number> {
  const alpha = await number(parts, 'alpha');
  const ranked = RANKED.map((part) => parts.get(part)).find((tensor) => tensor !== undefined);
  const rank = ranked?.shape[0] ?? smallerSide(parts);
  return alpha === undefined || rank === undefined ? 1 : alpha / rank;
}

/** Of GLoRA's first factor, which is [in, rank] or, as it once was, [rank, in]. */
function smallerSide(parts: Parts): number | undefined {
  const [rows = 1, columns = 1] = parts.get('glora_a1')?.shape ?? [];
  return parts.has('glora_a1') ? Math.min(rows, columns) : undefined;
}
