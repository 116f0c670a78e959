import type { ScheduleConfig } from '../model.js';
import type { Networks, Tensor } from '../networks.js';
import type { Predict, Prediction } from '../samplers/sampler.js';
import { NoiseLevels } from '../samplers/sigmas.js';
import { elements } from '../shape.js';
import type { Context, Joined } from '../text/conditioning.js';
import { type Shortcuts, SPEEDS, subsamples } from './speed.js';

export interface Guidance {
  readonly scale: number;
  /** 0..1: how far the result is brought back to the standard deviation of the conditional rows (Lin et al. 2023, section 3.4). */
  readonly guidanceRescale?: number;
  /** Of a model that edits: how far the picture counts, beside the prompt. */
  readonly imageScale?: number | undefined;
  /** See {@link Shortcuts.guidanceInterval}. */
  readonly guidanceInterval?: Shortcuts['guidanceInterval'];
  readonly kvSubsampling?: Shortcuts['kvSubsampling'];
}

/**
 * Classifier-free guidance (Ho & Salimans 2022): eps = uncond + scale * (cond - uncond), both from one batch with the
 * unconditional rows first, as the reference's p_sample_ddim does. Without `context.uncond` there is one pass only. With an
 * image scale other than 1 there are rows without the picture as well: see {@link guideEdit}. Prompts that AND joins become one
 * prediction first: see {@link compose}.
 *
 * @param listening what is heard at this call.
 * @param shape of the latents, [rows, channels, h, w].
 * @param extra [rows, n, h, w] channels that a UNet for inpainting or editing reads after the latents.
 */
export function guided(
  networks: Pick<Networks, 'int8' | 'predictNoise' | 'room'>,
  schedule: ScheduleConfig,
  listening: () => Context | Promise<Context>,
  {
    scale,
    guidanceRescale = 0,
    imageScale = 1,
    guidanceInterval = SPEEDS.exact.guidanceInterval,
    kvSubsampling = false,
  }: Guidance,
  shape: readonly number[],
  extra?: Tensor,
): Predict {
  const levels = new NoiseLevels(schedule.alphasCumprod);
  const alphaAt = alphasOf(schedule);
  const rows = shape[0]!;
  const options = { guidance: scale, ...(subsamples({ kvSubsampling }, shape) && { subsample: true }) };
  const nothing = imageScale !== 1 && extra ? { ...extra, data: new Float32Array(extra.data.length) } : undefined;
  // The same tensors wherever words are the same, so that networks can keep what they compute of them.
  const known = new WeakMap<Context, Heard>();
  return async (latents, timestep) => {
    const context = hear(await listening());
    const x = { data: latents, shape };
    const input = extra ? withChannels(x, extra) : x;
    const guides = context.all && isWithin(guidanceInterval, levels.sigmaAt(timestep));
    const output = guides
      ? await guidedBy(context, context.all!, x, input, timestep)
      : await told((await predict(input, timestep, context.prompt)).data, context, input, timestep);
    return schedule.predictionType === 'v_prediction'
      ? fromVelocity(output, latents, alphaAt(timestep))
      : { noise: output };
  };

  function hear(context: Context): Heard {
    const { cond, uncond, joined: more } = context;
    const heardOf = known.get(context) ?? {
      prompt: heard(cond),
      all: uncond && heard(joined(...(nothing ? [uncond] : []), uncond, cond)),
      others: more?.others.map(heard) ?? [],
      weights: more?.weights ?? [],
    };
    known.set(context, heardOf);
    return heardOf;
  }

  /** With the other prompts that AND joins told as well, in passes of their own: its last rows are the first prompt's. */
  async function told(output: Float32Array, { others, weights }: Heard, input: Tensor, timestep: number) {
    if (others.length === 0) return output;
    const size = elements(shape);
    const first = output.slice(output.length - size);
    const conds: Float32Array[] = [first];
    for (const other of others) conds.push((await predict(input, timestep, other)).data);
    // Where guidance does not work, the first prompt stands for what is without one, as in AUTOMATIC1111.
    const base = output.length > size ? output.slice(output.length - 2 * size, output.length - size) : first;
    const all = output.slice();
    all.set(compose(base, conds, weights), output.length - size);
    return all;
  }

  async function guidedBy(context: Heard, all: readonly Tensor[], x: Tensor, input: Tensor, timestep: number) {
    const inputs = nothing ? [withChannels(x, nothing), input, input] : [input, input];
    const { data } = await predict(joined(...inputs), timestep, all);
    const output = await told(data, context, input, timestep);
    if (!nothing) return guide(output, rows, scale, guidanceRescale);
    return guideEdit(output, rows, scale, imageScale, guidanceRescale);
  }

  /**
   * What the networks hear: all rows at once, or each picture's by themselves, where they would share a scale or memory is
   * short.
   */
  function heard(all: Tensor): readonly Tensor[] {
    const together = !networks.int8 && networks.room?.takes([all.shape[0]!, ...shape.slice(1)]) !== false;
    if (together || rows === 1) return [all];
    return Array.from({ length: rows }, (_, row) => rowsOf(all, own(all.shape[0]! / rows, row)));
  }

  /** The rows of one picture: with guidance `row`, `rows + row` and so on. */
  function own(halves: number, row: number): number[] {
    return Array.from({ length: halves }, (_, half) => half * rows + row);
  }

  async function predict(batch: Tensor, timestep: number, contexts: readonly Tensor[]): Promise<Tensor> {
    const halves = batch.shape[0]! / rows;
    const times = (count: number) => new Float32Array(count).fill(timestep);
    const told = { ...options, guided: halves === 2 };
    if (contexts.length < rows) {
      return networks.predictNoise(batch, times(halves * rows), contexts[0]!, told);
    }
    const size = elements(shape) / rows;
    const data = new Float32Array(halves * rows * size);
    for (const [row, context] of contexts.entries()) {
      const input = rowsOf(batch, own(halves, row));
      const output = await networks.predictNoise(input, times(halves), context, told);
      own(halves, row).forEach((at, half) => {
        data.set(output.data.subarray(half * size, (half + 1) * size), at * size);
      });
    }
    return { data, shape: [halves * rows, ...shape.slice(1)] };
  }

  function withChannels(x: Tensor, more: Tensor): Tensor {
    const plane = shape[2]! * shape[3]!;
    const [own, added] = [x.shape[1]! * plane, more.shape[1]! * plane];
    const data = new Float32Array(rows * (own + added));
    for (let row = 0; row < rows; row++) {
      data.set(x.data.subarray(row * own, (row + 1) * own), row * (own + added));
      data.set(more.data.subarray(row * added, (row + 1) * added), row * (own + added) + own);
    }
    return { data, shape: [rows, x.shape[1]! + more.shape[1]!, shape[2]!, shape[3]!] };
  }
}

/** A context as the networks are given it: all rows at once, or each picture's by themselves. */
interface Heard {
  readonly prompt: readonly Tensor[];
  /** Without the prompt, then with it. */
  readonly all: readonly Tensor[] | undefined;
  readonly others: readonly (readonly Tensor[])[];
  readonly weights: Joined['weights'];
}

/**
 * One prediction for several prompts (Liu et al. 2022, arXiv:2206.01714): base + sum of weight * (cond - base). Guided by a
 * scale, that is AUTOMATIC1111's sum of weight * scale * (cond - base).
 *
 * @param base without a prompt, [rows, ...] like each of `conds`. @param weights of each cond, for each row.
 */
export function compose(
  base: Float32Array,
  conds: readonly Float32Array[],
  weights: readonly (readonly number[])[],
): Float32Array {
  const size = base.length / weights[0]!.length;
  return base.map((value, i) => {
    const row = Math.floor(i / size);
    return conds.reduce((sum, cond, k) => sum + weights[k]![row]! * (cond[i]! - value), value);
  });
}

/** alphas_cumprod at a timestep, which may be fractional: linear in log sigma, as k-diffusion's sigma_to_t inverts it. */
export function alphasOf({ alphasCumprod }: ScheduleConfig): (timestep: number) => number {
  const levels = new NoiseLevels(alphasCumprod);
  return (timestep) => alphasCumprod[timestep] ?? 1 / (1 + levels.sigmaAt(timestep) ** 2);
}

function isWithin([low, high]: Shortcuts['guidanceInterval'], sigma: number): boolean {
  return sigma > low && sigma <= high;
}

/** @param output the unconditional rows, then the conditional ones. @param rescale see {@link Guidance.guidanceRescale}. */
export function guide(output: Float32Array, rows: number, scale: number, rescale = 0): Float32Array {
  const size = output.length / 2;
  const guided = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const uncond = output[i]!;
    guided[i] = uncond + Math.fround(scale * Math.fround(output[size + i]! - uncond));
  }
  return rescaled(guided, output.subarray(size), rows, rescale);
}

/**
 * InstructPix2Pix's guidance (Brooks et al. 2023, equation 3): by the picture, and from there by the prompt.
 *
 * @param output rows with neither, then with the picture, then with both.
 */
export function guideEdit(
  output: Float32Array,
  rows: number,
  scale: number,
  imageScale: number,
  rescale = 0,
): Float32Array {
  const size = output.length / 3;
  const guided = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const [neither, picture, both] = [output[i]!, output[size + i]!, output[2 * size + i]!];
    const told = Math.fround(scale * Math.fround(both - picture));
    guided[i] = Math.fround(neither + told) + Math.fround(imageScale * Math.fround(picture - neither));
  }
  return rescaled(guided, output.subarray(2 * size), rows, rescale);
}

/** Changes `guided` in place. @param conditional what the prompt's rows predicted. */
function rescaled(guided: Float32Array, conditional: Float32Array, rows: number, rescale: number): Float32Array {
  const size = guided.length / rows;
  for (let row = 0; row < rows && rescale > 0; row++) {
    const [from, to] = [row * size, (row + 1) * size];
    const own = guided.subarray(from, to);
    const contrast = deviation(conditional.subarray(from, to)) / deviation(own);
    const factor = rescale * contrast + 1 - rescale;
    // All alike: there is no contrast to bring back.
    if (Number.isFinite(factor))
      guided.set(
        own.map((value) => value * factor),
        from,
      );
  }
  return guided;
}

/** The unbiased standard deviation, as torch.std computes it. */
function deviation(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/** v = sqrt(a) eps - sqrt(1 - a) z0 (Salimans & Ho 2022), so eps = sqrt(a) v + sqrt(1 - a) x, z0 = sqrt(a) x - sqrt(1 - a) v. */
export function fromVelocity(v: Float32Array, latents: Float32Array, alpha: number): Prediction {
  const [signal, noise] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  return {
    noise: v.map((value, i) => signal * value + noise * latents[i]!),
    denoised: v.map((value, i) => signal * latents[i]! - noise * value),
  };
}

function rowsOf({ data, shape }: Tensor, rows: readonly number[]): Tensor {
  const size = data.length / shape[0]!;
  const picked = new Float32Array(rows.length * size);
  rows.forEach((row, k) => {
    picked.set(data.subarray(row * size, (row + 1) * size), k * size);
  });
  return { data: picked, shape: [rows.length, ...shape.slice(1)] };
}

function joined(...tensors: readonly Tensor[]): Tensor {
  const data = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let [at, rows] = [0, 0];
  for (const tensor of tensors) {
    data.set(tensor.data, at);
    at += tensor.data.length;
    rows += tensor.shape[0]!;
  }
  return { data, shape: [rows, ...tensors[0]!.shape.slice(1)] };
}
