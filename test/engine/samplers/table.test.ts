import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { zeroTerminalSnr } from '../../../src/engine/checkpoint/schedule.js';
import { RequestError } from '../../../src/engine/errors.js';
import { fromVelocity } from '../../../src/engine/pipeline/guidance.js';
import type { Predict } from '../../../src/engine/samplers/sampler.js';
import { NoiseLevels } from '../../../src/engine/samplers/sigmas.js';
import { SAMPLERS, type SamplerEntry, type SamplerName } from '../../../src/engine/samplers/table.js';
import { alphasCumprod, largestDifference, run, toyPredict } from './toy.js';

interface Case {
  sampler: SamplerName;
  steps: number;
  sigmas: 'default' | 'karras';
  strength: number | null;
  eta: number;
  latents: number[][];
}
/** Latents after every step as k-diffusion and diffusers compute them; test/fixtures/samplers.py is the recipe. */
const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/samplers.json', import.meta.url), 'utf8'),
);

const SIZE = 6;
const vector = (value: (i: number) => number) => Float32Array.from({ length: SIZE }, (_, i) => value(i));
const normal = (k: number) => vector((i) => 1.2 * Math.sin(1.7 * (k + 1) * (i + 1)));
const picture = vector((i) => 0.5 * Math.cos(i));

describe('the latents that other implementations reach', () => {
  for (const { sampler, steps, sigmas, strength, eta, latents } of cases) {
    test(`${sampler}, ${steps} steps, ${sigmas} levels, eta ${eta}, strength ${strength ?? 'none'}`, async () => {
      let draws = 0;
      const { steps: taken } = await run(SAMPLERS[sampler].sample, {
        steps,
        sigmas,
        eta,
        start: strength === null ? { noise: normal(0) } : { latents: picture, noise: normal(0), strength },
        randn: () => normal(++draws),
      });
      expect(taken).toHaveLength(latents.length);
      taken.forEach((step, k) => {
        expect(largestDifference(step.latents, latents[k]!)).toBeLessThan(1e-5);
      });
    });
  }
});

/** Checked in goldens.test.ts. */
const IN_GOLDENS = new Set([
  'dpm_2',
  'dpm_2_a',
  'dpmpp_2s',
  'dpmpp_2s_a',
  'dpmpp_2m_sde_heun',
  'dpmpp_3m_sde',
  'deis',
  'ipndm',
  'tcd',
]);

describe.each(Object.entries<SamplerEntry>(SAMPLERS))('%s', (name, { sample, spacings }) => {
  const noise = normal(0);

  test('every sampler of the table is checked against another implementation', () => {
    expect(cases.some(({ sampler }) => sampler === name) || IN_GOLDENS.has(name)).toBe(true);
  });

  test.each(spacings)('takes as many steps as asked for with %s levels', async (sigmas) => {
    const whole = await run(sample, { steps: 10, sigmas, start: { noise } });
    expect(whole.steps).toHaveLength(10);
    for (const strength of [0.05, 0.5, 1]) {
      const { steps } = await run(sample, { steps: 10, sigmas, start: { latents: picture, noise, strength } });
      expect(steps.length).toBeLessThanOrEqual(10);
      expect(steps.every(({ latents }) => latents.every(Number.isFinite))).toBe(true);
    }
  });

  test.each(spacings)('tells how many steps it takes before the first: %s levels', async (sigmas) => {
    const repainting = [0, 0.04, 0.5, 1].map((strength) => ({ latents: picture, noise, strength }));
    for (const steps of [3, 10, 30]) {
      for (const start of [{ noise }, ...repainting]) {
        const told: number[] = [];
        const predict: Predict = (x, t) => {
          expect(told).toHaveLength(1);
          return toyPredict(x, t);
        };
        const taken = await run(sample, { steps, sigmas, start, predict, begin: (total) => told.push(total) });
        expect(told).toEqual([taken.steps.length]);
        expect(taken.steps.every(({ total }) => total === told[0])).toBe(true);
      }
    }
  });

  test.each(spacings)(
    'finds the picture that the noise was mixed with, when the model knows it: %s levels',
    async (sigmas) => {
      const predict = async (x: Float32Array, t: number) => {
        // Between two timesteps k-diffusion interpolates log sigma; DPM-Solver log alpha, which differs by less than 1e-3.
        const logSigma = (k: number) => Math.log((1 - alphasCumprod[k]!) / alphasCumprod[k]!) / 2;
        const low = Math.min(Math.floor(t), 998);
        const sigma = Math.exp(logSigma(low) + (t - low) * (logSigma(low + 1) - logSigma(low)));
        const signal = 1 / Math.sqrt(1 + sigma ** 2);
        return { noise: x.map((value, i) => (value - signal * picture[i]!) / (signal * sigma)) };
      };
      let draws = 0;
      const { steps, latents } = await run(sample, {
        steps: 12,
        sigmas,
        start: { noise },
        predict,
        randn: () => normal(++draws),
      });
      const { signal, noise: left } = steps.at(-1)!;
      // What is left of noise has a standard deviation of about 1; 3 of them.
      expect(
        largestDifference(
          latents,
          picture.map((z) => signal * z),
        ),
      ).toBeLessThan(3.6 * left + 5e-3);
      expect(largestDifference(steps.at(-1)!.predicted, picture)).toBeLessThan(5e-3);
    },
  );

  test.each(spacings)('finds the picture where the schedule ends in pure noise: %s levels', async (sigmas) => {
    const alphas = zeroTerminalSnr(alphasCumprod);
    const timesteps: number[] = [];
    const { steps, latents } = await run(sample, {
      steps: 27,
      sigmas,
      alphasCumprod: alphas,
      start: { noise },
      predict: async (x, t) => {
        timesteps.push(t);
        const alpha = alphas[t] ?? 1 / (1 + new NoiseLevels(alphas).sigmaAt(t) ** 2);
        // v, when the model knows the picture: from pure noise it is the picture.
        const [signal, rest] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
        return fromVelocity(
          x.map((value, i) => (signal * value - picture[i]!) / rest),
          x,
          alpha,
        );
      },
    });
    expect(Math.max(...timesteps)).toBeGreaterThan(990);
    expect(latents.every(Number.isFinite)).toBe(true);
    expect(largestDifference(steps.at(-1)!.predicted, picture)).toBeLessThan(5e-3);
  });

  test('counts its steps and reports falling noise levels', async () => {
    const { steps, latents } = await run(sample, { steps: 10, start: { noise } });
    expect(steps.map((step) => step.index)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
    expect(steps.every((step) => step.total === 10)).toBe(true);
    for (const { signal, noise } of steps) expect(signal ** 2 + noise ** 2).toBeCloseTo(1, 6);
    for (let i = 1; i < 10; i++) expect(steps[i]!.noise).toBeLessThan(steps[i - 1]!.noise);
    expect(largestDifference(latents, steps.at(-1)!.latents)).toBeLessThan(1e-6);
  });

  test('goes on from latents that were changed between steps', async () => {
    const kept = vector(() => 0.7);
    const seen: number[] = [];
    const generator = sample({
      predict: async (x) => {
        seen.push(x[0]!);
        return { noise: x.map((value) => 0.5 * value) };
      },
      alphasCumprod,
      steps: 6,
      start: { noise },
      randn: () => new Float32Array(SIZE),
    });
    let last: Float32Array | undefined;
    for (;;) {
      const { done, value } = await generator.next();
      if (done) {
        last = value;
        break;
      }
      value.latents.set(kept);
    }
    expect(largestDifference(last, kept)).toBeLessThan(1e-6);
    expect(seen.filter((value) => Math.abs(value - 0.7) < 1e-6).length).toBeGreaterThanOrEqual(5);
  });

  test('does not change the latents it starts from', async () => {
    const start = { latents: picture.slice(), noise: noise.slice(), strength: 0.7 };
    await run(sample, { steps: 5, start });
    expect(start).toEqual({ latents: picture, noise, strength: 0.7 });
    const fresh = { noise: noise.slice() };
    await run(sample, { steps: 5, start: fresh });
    expect(fresh).toEqual({ noise });
  });

  test('strength 0 takes no step and strength 1 nearly forgets the picture', async () => {
    const none = await run(sample, { steps: 10, start: { latents: picture, noise, strength: 0 } });
    expect(none.steps).toHaveLength(0);
    expect(largestDifference(none.latents, picture)).toBeLessThan(0.05);
    let first: Float32Array | undefined;
    const all = await run(sample, {
      steps: 10,
      start: { latents: picture, noise, strength: 1 },
      predict: async (x) => {
        first ??= x.slice();
        return { noise: x };
      },
    });
    expect(all.steps).toHaveLength(10);
    expect(largestDifference(first!, noise)).toBeLessThan(0.25);
  });

  test.each([0, 1.5, 1001])('%d steps are refused', async (steps) => {
    await expect(run(sample, { steps, start: { noise } })).rejects.toThrow(RequestError);
  });

  test.each([1, 2, 3, 999, 1000])('%d steps stay finite', async (steps) => {
    let draws = 0;
    const { latents } = await run(sample, { steps, start: { noise }, randn: () => normal(++draws) });
    expect(latents.every(Number.isFinite)).toBe(true);
  });
});
