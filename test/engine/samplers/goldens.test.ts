import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { zeroTerminalSnr } from '../../../src/engine/checkpoint/schedule.js';
import { fromVelocity, guide } from '../../../src/engine/pipeline/guidance.js';
import { adamsBashforth } from '../../../src/engine/samplers/adams-bashforth.js';
import { deisOfOrder } from '../../../src/engine/samplers/deis.js';
import type { Prediction, SampleOptions, Sampler, Step } from '../../../src/engine/samplers/sampler.js';
import { NoiseLevels } from '../../../src/engine/samplers/sigmas.js';
import type { Spacing } from '../../../src/engine/samplers/spacing.js';
import { SAMPLERS, type SamplerName } from '../../../src/engine/samplers/table.js';
import { unipcOf } from '../../../src/engine/samplers/unipc.js';
import { readNpy, secondOracle } from '../../oracle.js';
import { alphasCumprod } from './toy.js';

/**
 * What k-diffusion's functions and diffusers' schedulers reach with an analytic model, in float32; both with a second path
 * in float64 (the oracle's second part, docs/samplers.md). Held to its tolerance: 1e-3, or 2e-5 of the largest value.
 */
interface Case {
  readonly id: string;
  readonly kind: string;
  readonly params: {
    readonly steps: number;
    readonly n: number;
    readonly kind: string;
    readonly sampler?: string;
    readonly config?: { readonly timestep_spacing?: string; readonly prediction_type?: string };
    readonly step_args?: { readonly eta?: number };
  };
}

function read(folder: string) {
  const path = (name: string) => secondOracle(`samplers/goldens/${folder}/${name}`);
  // Python writes -Infinity.
  const index = readFileSync(path('index.json'), 'utf8').replaceAll('-Infinity', 'null');
  const { cases }: { cases: Case[] } = JSON.parse(index);
  return {
    cases,
    has: (name: string) => existsSync(path(`${name}.npy`)),
    numbers: (name: string) => Float64Array.from(readNpy(path(`${name}.npy`)).data, Number),
  };
}

const optional = (from: ReturnType<typeof read>, name: string) => (from.has(name) ? from.numbers(name) : undefined);

const k = read('kdiffusion');
const schedulers = read('schedulers');

function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<number>, tolerance?: number): void {
  expect(actual.length).toBe(wanted.length);
  const largest = Math.max(...Array.from(wanted, Math.abs));
  const off = Math.max(...Array.from(wanted, (value, i) => Math.abs(value - actual[i]!)));
  expect(off).toBeLessThanOrEqual(tolerance ?? Math.max(1e-3, 2e-5 * largest));
}

const toy = (x: Float32Array, t: number) => x.map((value) => 0.5 * Math.sin(value) + t / 1000);

const SIZE = 64;
const row = (all: Float64Array, k: number) => all.subarray(k * SIZE, (k + 1) * SIZE);

interface TakeOptions extends Partial<SampleOptions> {
  readonly steps: number;
  readonly start: { readonly noise: Float32Array };
  /** Gives the latents back as z0 + sigma n. */
  readonly unscaled?: boolean;
  /** The draws, in order. */
  readonly noise?: Float64Array | undefined;
  readonly model: (x: Float32Array, timestep: number, call: number) => Prediction;
  readonly afterStep?: (step: Step) => void;
}

/** Latents after every step, and the timesteps that the model was asked for. */
async function take(sampler: Sampler, { unscaled, noise, model, afterStep, ...options }: TakeOptions) {
  const asked: number[] = [];
  let draws = 0;
  const run = sampler({
    alphasCumprod,
    predict: async (x, t) => model(x, t, asked.push(t) - 1),
    randn: () =>
      noise && draws * SIZE < noise.length ? Float32Array.from(row(noise, draws++)) : new Float32Array(SIZE),
    ...options,
  });
  const xs: number[] = [];
  for await (const step of run) {
    for (const value of step.latents) xs.push(value / (unscaled ? step.signal : 1));
    afterStep?.(step);
  }
  return { xs: Float64Array.from(xs), asked };
}

const K_NAMES: Record<string, SamplerName> = {
  dpm_2: 'dpm_2',
  dpm_2_ancestral: 'dpm_2_a',
  dpmpp_2s_ancestral: 'dpmpp_2s_a',
  euler_ancestral: 'euler_a',
};

describe("k-diffusion's levels", () => {
  const levels = new NoiseLevels(alphasCumprod);

  test.each(k.cases.filter(({ kind }) => kind === 'sigmas'))('$id', ({ id, params }) => {
    const spacing = params.kind === 'polyexponential' ? 'exponential' : (params.kind as Spacing);
    expectClose(levels.schedule(params.n, spacing), k.numbers(`${id}/sigmas`), 1e-4);
  });

  test('every timestep', () => {
    expectClose(
      Array.from({ length: 1000 }, (_, t) => levels.sigmaAt(t)),
      k.numbers('sigma_table/sigmas'),
      1e-4,
    );
    expectClose(
      Array.from(k.numbers('t_to_sigma/t'), (t) => levels.sigmaAt(t)),
      k.numbers('t_to_sigma/sigma'),
      1e-4,
    );
    expectClose(
      Array.from(k.numbers('sigma_to_t/sigma'), (s) => levels.timestepAt(s)),
      k.numbers('sigma_to_t/t'),
      1e-3,
    );
  });
});

describe("k-diffusion's samplers", () => {
  test.each(k.cases.filter(({ kind }) => kind === 'sampler_run'))('$id', async ({ id, params }) => {
    const name = params.sampler!;
    const sampler = SAMPLERS[K_NAMES[name] ?? (name as SamplerName)].sample;
    const sigmas = k.numbers(`${id}/sigmas`);
    const all = k.numbers(`${id}/x_all`);
    const noise = optional(k, `${id}/noise`);
    const { xs, asked } = await take(sampler, {
      steps: params.steps,
      sigmas: [...sigmas],
      unscaled: true,
      start: { noise: Float32Array.from(row(all, 0), (value) => value / sigmas[0]!) },
      noise: noise && name === 'dpmpp_sde' ? halves(noise, sigmas) : noise,
      model: (x, t) => ({ noise: toy(x, t) }),
    });
    expectClose(asked, k.numbers(`${id}/model_t`), 1e-2);
    expectClose(xs, all.subarray(SIZE));
  });
});

/** Ours draws the two halves of a step; the golden the first half and the whole: the second half is what is missing. */
function halves(noise: Float64Array, sigmas: Float64Array): Float64Array {
  return noise.map((value, at) => {
    const draw = Math.floor(at / SIZE);
    if (draw % 2 === 0) return value;
    const [from, to] = [sigmas[(draw - 1) / 2]!, sigmas[(draw + 1) / 2]!];
    const middle = Math.sqrt(from * to);
    const [a, b] = [(from - middle) / (from - to), (middle - to) / (from - to)];
    return (value - Math.sqrt(a) * noise[at - SIZE]!) / Math.sqrt(b);
  });
}

describe("diffusers' schedulers", () => {
  const OTHERS = /^(ipndm|dpmpp_3m_sde)/;
  const runs = schedulers.cases.filter(({ id, kind }) => kind === 'scheduler_run' && !OTHERS.test(id));

  test.each(runs)('$id', async ({ id, params }) => {
    const { steps, config = {}, step_args = {} } = params;
    const table = sigmasOf(id, steps);
    // Euler's latents are z0 + sigma n; the others keep their variance, and those that count in sigma scale the start by it.
    const unscaled = /^(euler|heun|kdpm2|ays10_euler)/.test(id);
    const alphas = id.includes('_ztsnr_') ? zeroTerminalSnr(alphasCumprod) : alphasCumprod;
    const scale = !table || id.startsWith('unipc') ? 1 : (unscaled ? 1 : Math.sqrt(1 + table[0]! ** 2)) / table[0]!;
    const trailing = config.timestep_spacing === 'trailing' ? 'trailing' : undefined;
    const all = schedulers.numbers(`${id}/x_all`);
    const timesteps = schedulers.numbers(`${id}/timesteps`);
    const { xs, asked } = await take(SAMPLER_OF.find(([pattern]) => pattern.test(id))![1], {
      steps,
      alphasCumprod: alphas,
      sigmas: table ?? trailing,
      eta: step_args.eta,
      unscaled,
      start: { noise: Float32Array.from(all.subarray(0, SIZE), (value) => value * scale) },
      noise: optional(schedulers, `${id}/noise`),
      // Some of diffusers' schedulers round the timesteps of their levels.
      model: (x, _, call) =>
        config.prediction_type === 'v_prediction'
          ? fromVelocity(toy(x, timesteps[call]!), x, alphas[timesteps[call]!]!)
          : { noise: toy(x, timesteps[call]!) },
    });
    expectClose(asked, timesteps, 1);
    const halfSteps = all.length / SIZE - 1 - steps;
    const wanted = Array.from({ length: steps }, (_, i) => i + 1 + (halfSteps && Math.min(i + 1, halfSteps)));
    expectClose(
      xs,
      wanted.flatMap((at) => Array.from(row(all, at))),
    );
  });

  const SAMPLER_OF: [RegExp, Sampler][] = [
    [/^ddim/, SAMPLERS.ddim.sample],
    [/^tcd/, SAMPLERS.tcd.sample],
    [/^lcm/, SAMPLERS.lcm.sample],
    [/euler/, SAMPLERS.euler.sample],
    [/^heun/, SAMPLERS.heun.sample],
    [/^kdpm2_ancestral/, SAMPLERS.dpm_2_a.sample],
    [/^kdpm2/, SAMPLERS.dpm_2.sample],
    [/^dpmpp_2m_sde/, SAMPLERS.dpmpp_2m_sde.sample],
    [/dpmpp_2m/, SAMPLERS.dpmpp_2m.sample],
    [/^dpmpp_2s/, SAMPLERS.dpmpp_2s.sample],
    [/^deis_order3/, deisOfOrder(3)],
    [/^deis/, SAMPLERS.deis.sample],
    [/^unipc/, unipcOf({ order: 2, scale: Math.expm1 })],
  ];

  /** The levels of whole steps: where there are half steps, every level but the first is in the file twice. */
  function sigmasOf(id: string, steps: number): number[] | undefined {
    const table = optional(schedulers, `${id}/sigmas`);
    if (!table || table.length === steps + 1) return table && [...table];
    return [table[0]!, ...Array.from({ length: steps }, (_, i) => table[2 * i + 1]!)];
  }

  test.each([
    ['ays10_euler', 'ays'],
    ['dpmpp_2m_trailing_n4', 'trailing'],
    ['dpmpp_2m_trailing_n20', 'trailing'],
    ['euler_exponential_n8', 'exponential'],
    ['euler_karras_n8', 'karras'],
  ] as const)('the levels of %s', (id, spacing) => {
    const wanted = schedulers.numbers(`${id}/sigmas`);
    expectClose(new NoiseLevels(alphasCumprod).schedule(wanted.length - 1, spacing), wanted, 1e-4);
  });

  test('a schedule down to pure noise', () => {
    const alphas = zeroTerminalSnr(alphasCumprod);
    expectClose(alphas, schedulers.numbers('ztsnr_tables/alphas_cumprod_rescaled'), 1e-6);
    expect(alphas[999]).toBe(0);
    const wanted = schedulers.numbers('euler_vpred_ztsnr_trailing_n4/sigmas');
    expectClose(new NoiseLevels(alphas).schedule(4, 'trailing'), wanted);
  });

  test.each([0, 0.35, 0.7, 1])('guidance, rescaled by %d', (phi) => {
    const id = `guidance_rescale_phi${phi === 0 || phi === 1 ? phi.toFixed(1) : phi}`;
    const both = [...schedulers.numbers(`${id}/eps_uncond`), ...schedulers.numbers(`${id}/eps_text`)];
    expectClose(guide(Float32Array.from(both), 2, 7.5, phi), schedulers.numbers(`${id}/rescaled`), 1e-4);
  });

  // IPNDM's own levels and timesteps belong to no Stable Diffusion; its predictions are of velocity.
  test.each([4, 8, 20])('ipndm_n%d', (steps) => {
    const all = schedulers.numbers(`ipndm_n${steps}/x_all`);
    const level = (i: number) => {
      const beta = Math.sin(((1 - i / steps) * Math.PI) / 2) ** 2;
      return { signal: Math.sqrt(1 - beta * beta), noise: beta };
    };
    let past: Float32Array[] = [];
    for (let i = 0; i < steps; i++) {
      const [x, from, to] = [Float32Array.from(row(all, i)), level(i), level(i + 1)];
      const out = toy(x, (2 / Math.PI) * Math.atan2(from.noise, from.signal));
      past = [x.map((value, n) => from.noise * value + from.signal * out[n]!), ...past].slice(0, 4);
      const noise = adamsBashforth(past);
      const next = x.map((value, n) => {
        const z0 = (value - from.noise * noise[n]!) / Math.max(from.signal, 1e-8);
        return to.signal * z0 + to.noise * noise[n]!;
      });
      expectClose(next, row(all, i + 1));
    }
  });

  // diffusers' third order subtracts 1/2 from the weight of the second difference where the paper and k-diffusion add it, its
  // second order is the midpoint form, and it takes the last steps of a short run at a lower order.
  test.each([4, 8, 20])('dpmpp_3m_sde_karras_n%d, but for what diffusers does otherwise', async (steps) => {
    const id = `dpmpp_3m_sde_karras_n${steps}`;
    const [all, sigmas] = [schedulers.numbers(`${id}/x_all`), schedulers.numbers(`${id}/sigmas`)];
    const timesteps = schedulers.numbers(`${id}/timesteps`);
    const scale = Math.sqrt(1 + sigmas[0]! ** 2) / sigmas[0]!;
    const past: Float32Array[] = [];
    const { xs } = await take(SAMPLERS.dpmpp_3m_sde.sample, {
      steps,
      sigmas: [...sigmas],
      start: { noise: Float32Array.from(row(all, 0), (value) => value * scale) },
      noise: optional(schedulers, `${id}/noise`),
      model: (x, _, call) => ({ noise: toy(x, timesteps[call]!) }),
      // Every step starts from where diffusers' does.
      afterStep: (step) => {
        past.unshift(step.predicted);
        step.latents.set(row(all, step.index));
      },
    });
    const lambda = (i: number) => -Math.log(sigmas[i]!);
    for (let i = 0; i < steps; i++) {
      const [now, one, two] = [past[steps - 1 - i]!, past[steps - i], past[steps + 1 - i]];
      const h = lambda(i + 1) - lambda(i);
      const [q, signal] = [Math.exp(-2 * h), 1 / Math.sqrt(1 + sigmas[i + 1]! ** 2)];
      const lower = i === steps - 2 && steps < 15;
      const own = row(xs, i).map((value, n) => {
        if (i === 0 || i === steps - 1) return value;
        const first = ((now[n]! - one![n]!) * h) / (lambda(i) - lambda(i - 1));
        const slope = (q - 1) / (2 * h) + 1;
        if (!two) return value + signal * ((1 - q) / 2 - slope) * first;
        const [r0, r1] = [(lambda(i) - lambda(i - 1)) / h, (lambda(i - 1) - lambda(i - 2)) / h];
        const second = (first - (one![n]! - two[n]!) / r1) / (r0 + r1);
        if (!lower) return value - signal * second;
        const bend = slope / (2 * h) - 1 / 2;
        return value + signal * (((1 - q) / 2) * first - slope * (first + r0 * second) + bend * second);
      });
      expectClose(own, row(all, i + 1));
    }
  });
});
