import { malformed, shown } from '../check.js';
import type { OnNotice } from '../meaning.js';
import type { Tensor } from '../networks.js';
import type { Predict, Start, Step } from '../samplers/sampler.js';
import { NoiseLevels } from '../samplers/sigmas.js';
import { elements } from '../shape.js';
import type { Conditions, Context } from '../text/conditioning.js';
import { controlled, noticeIdle } from './control.js';
import type { Engine } from './engine.js';
import { requireFinite } from './finite.js';
import { alphasOf, guided } from './guidance.js';
import { previewsOf } from './previews.js';
import type { PaintOptions } from './progress.js';
import { report } from './report.js';
import type { Plan } from './request.js';
import { pixelCount, secondsAfter, secondsOf } from './seconds-left.js';
import { EVERY_STEP_RUN, FEWEST, StepCache } from './step-cache.js';
import { tellStep } from './step-end.js';

/** Latents [rows, channels, h, w], and what is told of the run that made them. */
export interface Denoised extends Tensor {
  readonly steps: number;
  readonly secondsPerStep: number | null;
}

/** What a pipeline adds to plain denoising: an inpainting UNet's extra channels, a callback after every step. */
export interface DenoiseHooks {
  extra?: Tensor;
  /** May change `step.latents` in place. */
  afterStep?: (step: Step) => void;
}

/**
 * Runs the plan's sampler from `start` to latents of the same shape, and reports every step; first, that everything is
 * encoded. Throws the signal's reason as soon as a step has ended.
 */
export async function denoise(
  engine: Engine,
  plan: Plan,
  conditions: Conditions,
  shape: readonly [number, number, number, number],
  start: Start,
  { signal, onProgress, onStep, onNotice }: PaintOptions,
  { extra, afterStep }: DenoiseHooks = {},
): Promise<Denoised> {
  const { model, networks } = engine;
  const size = elements(shape);
  let taken = 0;
  let calls = 0;
  let total = 'strength' in start ? Math.max(1, Math.floor(plan.steps * start.strength)) : plan.steps;
  const heard = await controlled(networks, plan.controls, shape, () => ({ step: taken, total }));
  const checked = new WeakSet<Context>();
  const listening = async () => {
    const context = await conditions.at(calls);
    if (!checked.has(context)) {
      const { cond, uncond, joined } = context;
      for (const one of [cond, uncond, ...(joined?.others ?? [])])
        if (one) await requireFinite(model, 'text', one.data);
      checked.add(context);
    }
    return context;
  };
  // Before a ControlNet reads it.
  await listening();
  const predict = guided(heard, model.schedule, listening, plan, shape, extra);
  const cache = new StepCache(predict, alphasOf(model.schedule), plan.cacheInterval);
  const levels = new NoiseLevels(model.schedule.alphasCumprod);
  /** Of the first prediction in a step. */
  let asked: number | undefined;
  // Words change by the calls that a sampler makes, whether the network is run or not.
  const counted: Predict = (latents, timestep) => {
    const prediction = predicted(latents, timestep);
    // A sampler of one's own may never await it: that must not end the process.
    prediction.catch(() => {});
    return prediction;
  };
  let encoded: Promise<void> | undefined;
  let started = 0;
  const tellEncoded = async () => {
    const secondsLeft = secondsOf(engine, plan, shape, total);
    await report(onProgress, { phase: 'encode', step: 0, total, secondsLeft, secondsPerStep: null }, async () => []);
    started = performance.now();
  };
  const predicted: Predict = async (latents, timestep) => {
    requireSize(plan.sampler.title, latents, size);
    // Not before the sampler has told how many steps it takes.
    encoded ??= tellEncoded();
    await encoded;
    asked ??= timestep;
    const prediction = await cache.predict(latents, timestep);
    calls++;
    return prediction;
  };
  const steps = plan.sampler.sample({
    predict: counted,
    alphasCumprod: model.schedule.alphasCumprod,
    steps: plan.steps,
    eta: plan.eta,
    sigmas: plan.sigmas,
    timesteps: plan.timesteps,
    start,
    begin: (steps) => {
      if (!Number.isInteger(steps) || steps < 0) {
        throw malformed('begin', `takes how many steps there will be, a whole number, got ${shown(steps)}.`);
      }
      total = Math.max(1, steps);
    },
    randn: () => plan.generator.randn(size),
  });

  if (typeof steps?.next !== 'function' || typeof steps.return !== 'function')
    throw malformed('sampler', `must be an async generator function, got one that gives ${shown(steps)}.`);
  signal?.throwIfAborted();
  let first: { at: number; index: number } | undefined;
  let secondsPerStep: number | null = null;
  try {
    for (;;) {
      const { done, value } = await steps.next();
      encoded ??= tellEncoded();
      await encoded;
      const x = done ? value : value?.latents;
      requireSize(plan.sampler.title, x, size);
      await requireFinite(model, 'unet', x);
      if (done) {
        if (taken === 0 && 'strength' in start) onNotice?.(...nothingPainted(plan.steps, start.strength));
        else if (onNotice) {
          noticeIdle(plan.controls, total, onNotice);
          if (plan.asksToSkip && total < FEWEST) onNotice(...EVERY_STEP_RUN);
        }
        return { data: value, shape, steps: total, secondsPerStep };
      }
      requireOrder(plan.sampler.title, value, taken);
      taken++;
      cache.stepped(value);
      signal?.throwIfAborted();
      afterStep?.(value);
      if (onStep) {
        const timestep = asked ?? 0;
        await tellStep(onStep, value, shape, { timestep, sigma: levels.sigmaAt(timestep) });
        signal?.throwIfAborted();
      }
      asked = undefined;
      total = value.total;
      const since = first ?? { at: started, index: 0 };
      secondsPerStep = (performance.now() - since.at) / 1000 / (value.index - since.index);
      engine.pace?.learn('step', secondsPerStep, pixelCount(engine, shape));
      const secondsLeft = secondsPerStep * (total - value.index) + secondsAfter(engine, plan, shape, secondsPerStep);
      await report(onProgress, { phase: 'denoise', step: value.index, total, secondsPerStep, secondsLeft }, () =>
        previewsOf(engine, value.predicted, shape),
      );
      // The first step warms up, and may take as long as many others.
      first ??= { at: performance.now(), index: value.index };
    }
  } finally {
    // Whatever a sampler of somebody's own holds, it lets go of.
    await steps.return?.(new Float32Array());
  }
}

/** Steps are whole numbers: a low strength may leave none of them, and none leaves nothing however many there are. */
function nothingPainted(steps: number, strength: number): Parameters<OnNotice> {
  if (strength === 0) {
    const text = 'Nothing was repainted: strength 0 keeps the picture as it is. Raise the strength.';
    return [text, { code: 'strengthZero', values: {} }];
  }
  const text = `Nothing was repainted: ${steps} steps at strength ${strength} come to less than one step. Raise one of the two.`;
  return [text, { code: 'nothingPainted', values: { steps, strength } }];
}

/** Progress and time are reckoned by what a sampler counts, and one of one's own may count anything. */
function requireOrder(title: string, { index, total }: Step, taken: number): void {
  if (Number.isInteger(index) && Number.isInteger(total) && index > taken && index <= total) return;
  throw malformed(
    'sampler',
    `${title} gave step ${shown(index)} of ${shown(total)} after ${taken}: steps count from 1.`,
  );
}

/** Holds samplers of one's own to latents of the painting's size. */
function requireSize(title: string, latents: unknown, size: number): asserts latents is Float32Array {
  if (latents instanceof Float32Array && latents.length === size) return;
  const got = latents instanceof Float32Array ? `${latents.length}` : shown(latents);
  throw malformed('sampler', `${title} gave latents of another size: they have ${size} numbers, got ${got}.`);
}
