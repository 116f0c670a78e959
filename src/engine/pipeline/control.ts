import { setImmediate as turn } from 'node:timers/promises';
import { malformed } from '../check.js';
import { PREPROCESSORS, type Preprocessor, thresholdsOf } from '../image/control/preprocess.js';
import type { ControlParameters } from '../image/metadata/parameters.js';
import { type Pixels, unitTensorOf } from '../image/pixels.js';
import { resize } from '../image/resize.js';
import type { PictureSource } from '../image/source.js';
import type { OnNotice } from '../meaning.js';
import type { Networks, NoiseOptions, Tensor } from '../networks.js';
import type { ControlNetworks } from '../runtime/control-networks.js';

/** A picture that steers what is painted, by a ControlNet. */
export interface Control {
  /** See StableDiffusion.openControlNet. */
  readonly net: ControlNetworks;
  /** What the network was trained on: edges, depth, a pose. Resized to the picture that is painted. */
  readonly image: PictureSource;
  /** How much it counts, 0..2. 1 by default. */
  readonly weight?: number | undefined;
  /** The part of the steps in which it counts, 0..1: all of them by default. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /**
   * Guess mode: only the prompt's half of guidance is steered, the outermost features least, so that a picture can do
   * without a prompt. False by default.
   */
  readonly guess?: boolean | undefined;
  /** What made `image` of another picture, for the metadata; `none` by default. See {@link controlPicture}. */
  readonly preprocessor?: Preprocessor | undefined;
}

/** diffusers refuses an empty part, too. @param name of the value, in an error. */
export function checkPart(start = 0, end = 1, name: (value: 'start' | 'end') => string = (value) => value): void {
  if (start < end) return;
  throw malformed(name('start'), `is ${start}, and must be less than ${name('end')}, which is ${end}.`);
}

/** Whose picture has been opened. */
export interface SteeringControl extends Control {
  readonly image: Pixels;
}

/** Whether one counts at a step, from 0, of so many. */
function countsAt({ weight = 1, start = 0, end = 1 }: Control, { step, total }: Place): boolean {
  return weight > 0 && start <= step / total && (step + 1) / total <= end;
}

/** Steps are whole: a short part of few steps may hold none of them. A weight of 0 is meant so. */
export function noticeIdle(controls: readonly Control[], total: number, onNotice: OnNotice): void {
  for (const control of controls) {
    const { net, weight = 1, start = 0, end = 1 } = control;
    const steps = Array.from({ length: total }, (_, step) => ({ step, total }));
    if (weight === 0 || steps.some((place) => countsAt(control, place))) continue;
    const { name } = net.net;
    const text = `${name} steered nothing: none of ${total} steps lies between ${start} and ${end} of them. Take more steps, or a longer part.`;
    onNotice(text, { code: 'nothingSteered', values: { name, total, start, end } });
  }
}

/** What a picture's metadata says of them. */
export function controlParameters(controls: readonly Control[]): ControlParameters[] {
  return controls.map(({ net: { net }, preprocessor = 'none', weight = 1, start = 0, end = 1, guess = false }) => ({
    module: PREPROCESSORS[preprocessor].module,
    model: `${net.name} [${net.hash}]`,
    weight,
    thresholds: thresholdsOf(preprocessor),
    start,
    end,
    guess,
  }));
}

/** What ControlNets will take in memory when they are first run. */
export function controlBytes(controls: readonly Control[]): number {
  return [...new Set(controls.map(({ net }) => net))].reduce((sum, { bytesToCome }) => sum + bytesToCome, 0);
}

/** Where in its steps a picture is. */
export interface Place {
  /** Steps that were taken. */
  readonly step: number;
  readonly total: number;
}

type PredictNoise = Networks['predictNoise'];

/**
 * The networks' noise prediction, steered by pictures, as diffusers' pipeline_controlnet.py has it: the residuals of
 * several networks add up, and one counts at step i of n if start <= i / n and (i + 1) / n <= end.
 *
 * @param shape of the latents, [rows, channels, h, w].
 */
export async function controlled(
  networks: Networks,
  controls: readonly SteeringControl[],
  shape: readonly number[],
  place: () => Place,
): Promise<Pick<Networks, 'int8' | 'predictNoise' | 'room'>> {
  if (controls.length === 0) return networks;
  const hints = await Promise.all(controls.map((control) => hintOf(control, shape)));
  const predictNoise: PredictNoise = async (latents, timesteps, context, options = {}) => {
    const now = place();
    // A ControlNet reads none of what an inpainting UNet reads after the latents.
    const own = firstChannels(latents, shape[1]!);
    const sums: Record<string, Float32Array> = {};
    const shapes: Record<string, readonly number[]> = {};
    for (const [k, control] of controls.entries()) {
      const found = countsAt(control, now)
        ? await residualsOf(control, hints[k]!, own, timesteps, context, options)
        : {};
      for (const [name, { data, shape }] of Object.entries(found)) {
        const sum = sums[name];
        shapes[name] = shape;
        if (sum) await turn();
        if (sum) for (let i = 0; i < sum.length; i++) sum[i]! += data[i]!;
        else sums[name] = data;
      }
    }
    const residuals = Object.fromEntries(
      Object.entries(sums).map(([name, data]) => [name, { data, shape: shapes[name]! }]),
    );
    return networks.predictNoise(
      latents,
      timesteps,
      context,
      Object.keys(sums).length ? { ...options, residuals } : options,
    );
  };
  const { int8 = false, room } = networks;
  return { int8, predictNoise, ...(room && { room }) };
}

async function hintOf({ net, image }: SteeringControl, shape: readonly number[]): Promise<Tensor> {
  const [height, width] = [shape[2]! * net.factor, shape[3]! * net.factor];
  return net.hint(unitTensorOf(resize(image, width, height, 'lanczos')));
}

/** Weighed. In guess mode, nothing for the unconditional half. */
async function residualsOf(
  { net, weight = 1, guess }: Control,
  hint: Tensor,
  latents: Tensor,
  timesteps: Float32Array,
  context: Tensor,
  { guided = false }: NoiseOptions,
): Promise<Record<string, Tensor>> {
  const half = guess && guided;
  const seen = half ? [latents, context].map(secondHalf) : [latents, context];
  const times = half ? timesteps.subarray(timesteps.length / 2) : timesteps;
  const found = Object.entries(await net.residuals(seen[0]!, times, seen[1]!, hint));
  const weighed: Record<string, Tensor> = {};
  for (const [k, [name, { data, shape }]] of found.entries()) {
    // diffusers: torch.logspace(-1, 0, n), the middle last.
    const factor = weight * (guess ? 10 ** (k / (found.length - 1) - 1) : 1);
    // Each is milliseconds of work at 512x512, and there are 13: others have their turns.
    if (factor !== 1 || half) await turn();
    const own = factor === 1 ? data : data.map((value) => value * factor);
    weighed[name] = half ? afterNothing(own, shape) : { data: own, shape };
  }
  return weighed;
}

function firstChannels(tensor: Tensor, channels: number): Tensor {
  const [rows, all, ...sides] = tensor.shape as [number, number, ...number[]];
  if (all === channels) return tensor;
  const size = tensor.data.length / rows;
  const own = (size * channels) / all;
  const data = new Float32Array(rows * own);
  for (let row = 0; row < rows; row++) data.set(tensor.data.subarray(row * size, row * size + own), row * own);
  return { data, shape: [rows, channels, ...sides] };
}

function secondHalf({ data, shape }: Tensor): Tensor {
  return { data: data.subarray(data.length / 2), shape: [shape[0]! / 2, ...shape.slice(1)] };
}

/** As many zeros before it. */
function afterNothing(data: Float32Array, shape: readonly number[]): Tensor {
  const both = new Float32Array(2 * data.length);
  both.set(data, data.length);
  return { data: both, shape: [2 * shape[0]!, ...shape.slice(1)] };
}
