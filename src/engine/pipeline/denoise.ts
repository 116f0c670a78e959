import type { OnNotice } from '../meaning.js';
import type { Tensor } from '../networks.js';
import type { Predict, Start, Step } from '../samplers/sampler.js';
import { SAMPLERS } from '../samplers/table.js';
import { elements } from '../shape.js';
import type { Conditions, Context } from '../text/conditioning.js';
import { controlled, noticeIdle } from './control.js';
import type { Engine } from './engine.js';
import { requireFinite } from './finite.js';
import { alphasOf, guided } from './guidance.js';
import { previewsOf } from './previews.js';
import type { PaintOptions } from './progress.js';
import type { Plan } from './request.js';
import { StepCache } from './step-cache.js';

/** What a pipeline adds to plain denoising: an inpainting UNet's extra channels, a callback after every step. */
export interface DenoiseHooks {
  extra?: Tensor;
  /** May change `step.latents` in place. */
  afterStep?: (step: Step) => void;
}

/**
 * Runs the plan's sampler from `start` to latents of the same shape, and reports every step. Throws the signal's reason
 * as soon as a step has ended.
 */
export async function denoise(
  engine: Engine,
  plan: Plan,
  conditions: Conditions,
  shape: readonly [number, number, number, number],
  start: Start,
  { signal, onProgress, onNotice }: PaintOptions,
  { extra, afterStep }: DenoiseHooks = {},
): Promise<Tensor> {
  const { model, networks } = engine;
  const size = elements(shape);
  let taken = 0;
  let calls = 0;
  const total = 'strength' in start ? Math.max(1, Math.floor(plan.steps * start.strength)) : plan.steps;
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
  // Words change by the calls that a sampler makes, whether the network is run or not.
  const counted: Predict = async (latents, timestep) => {
    const prediction = await cache.predict(latents, timestep);
    calls++;
    return prediction;
  };
  const steps = SAMPLERS[plan.sampler].sample({
    predict: counted,
    alphasCumprod: model.schedule.alphasCumprod,
    steps: plan.steps,
    eta: plan.eta,
    sigmas: plan.sigmas,
    start,
    randn: () => plan.generator.randn(size),
  });

  signal?.throwIfAborted();
  const started = performance.now();
  let first = { at: started, index: 0 };
  for (;;) {
    const { done, value } = await steps.next();
    await requireFinite(model, 'unet', done ? value : value.latents);
    if (done) {
      if (taken === 0 && 'strength' in start) onNotice?.(...nothingPainted(plan.steps, start.strength));
      else if (onNotice) noticeIdle(plan.controls, total, onNotice);
      return { data: value, shape };
    }
    taken++;
    cache.stepped(value);
    signal?.throwIfAborted();
    afterStep?.(value);
    const since = taken === 1 ? { at: started, index: 0 } : first;
    const secondsPerStep = (performance.now() - since.at) / 1000 / (value.index - since.index);
    let looks: Promise<unknown> | undefined;
    onProgress?.({
      step: value.index,
      total: value.total,
      secondsPerStep,
      secondsLeft: secondsPerStep * (value.total - value.index),
      previews: () => {
        const previews = previewsOf(engine, value.predicted, shape);
        looks = previews;
        return previews;
      },
    });
    // They may run the decoder, for which the next step's memory may be released.
    await looks?.catch(() => {});
    // The first step warms up, and may take as long as many others.
    if (taken === 1) first = { at: performance.now(), index: value.index };
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
