import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { denoise } from '../../../src/engine/pipeline/denoise.js';
import type { Engine } from '../../../src/engine/pipeline/engine.js';
import { planOf } from '../../../src/engine/pipeline/request.js';
import type { Generator } from '../../../src/engine/random/generator.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { Conditioner } from '../../../src/engine/text/conditioning.js';
import { type Npy, oracle, readNpy, secondOracle, wholeOracle } from '../../oracle.js';

/**
 * Whole runs of the reference code on a small checkpoint with random weights: given the noise, the picture must match.
 */
interface Case {
  id: string;
  kind: string;
  params: {
    prompts: string[];
    S: number;
    scale: number;
    eta: number;
    height: number;
    width: number;
    strength?: number;
  };
  inputs: Record<string, { file: string }>;
  outputs: Record<string, { file: string }>;
}

const cases: Case[] = JSON.parse(readFileSync(oracle('goldens/tiny/index.json'), 'utf8')).cases;
const painted = cases.filter(({ kind }) => /^(txt2img|img2img)/.test(kind));

describe("the reference's pictures, byte for byte but for truncation", () => {
  let sd: StableDiffusion;
  beforeAll(async () => {
    sd = await StableDiffusion.open(oracle('ckpt/tiny/diffusers'), { device: 'cpu' });
  });
  afterAll(() => sd.close());

  test.each(painted)('$id', async ({ kind, params, inputs, outputs }) => {
    const input = (name: string) => readNpy(oracle(`goldens/tiny/${inputs[name]!.file}`));
    const request = {
      prompt: params.prompts,
      steps: params.S,
      scale: params.scale,
      eta: params.eta,
      sampler: kind === 'txt2img_plms' ? ('plms' as const) : ('ddim' as const),
      syntax: 'plain' as const,
    };
    const stepNoise = inputs.noise && kind !== 'img2img' ? 'noise' : inputs.step_noise ? 'step_noise' : null;
    const later = stepNoise ? [input(stepNoise).data as Float32Array] : [];
    const pictures =
      kind === 'img2img'
        ? await sd.img2img({
            ...request,
            image: pixelsOfNpy(input('init_image_u8')),
            strength: params.strength!,
            generator: replay([
              input('posterior_noise').data as Float32Array,
              input('noise').data as Float32Array,
              ...later,
            ]),
          })
        : await sd.txt2img({
            ...request,
            width: params.width,
            height: params.height,
            generator: replay([input('x_T').data as Float32Array, ...later]),
          });

    const golden = readNpy(oracle(`goldens/tiny/${outputs.image_u8!.file}`)).data as Uint8Array;
    const got = Buffer.concat(pictures.map(({ pixels }) => pixels.data));
    expect(got.length).toBe(golden.length);
    let [largest, differing] = [0, 0];
    for (const [i, value] of golden.entries()) {
      const difference = Math.abs(value - got[i]!);
      largest = Math.max(largest, difference);
      if (difference > 0) differing++;
    }
    expect(largest).toBeLessThanOrEqual(1);
    expect(differing / golden.length).toBeLessThan(0.02);
    // 512 x 512 takes a minute on a busy machine.
  });
});

/** The whole checkpoint is too large for the repository. */
describe.skipIf(!wholeOracle)("the reference's latents of LAION-400M", () => {
  const folder = secondOracle('laion400m/goldens/model');
  const latents: Case[] = wholeOracle
    ? JSON.parse(readFileSync(`${folder}/index.json`, 'utf8')).cases.filter(({ kind }: Case) => /^txt2img/.test(kind))
    : [];
  const sampler = { txt2img_plms: 'plms', txt2img_dpm_solver: 'dpm_solver', txt2img_ddim: 'ddim' } as const;
  let engine: Engine;
  beforeAll(async () => {
    const model = await openModel(secondOracle('laion400m/ckpt/laion-tiny.ckpt'));
    const networks = networksOn('cpu', model);
    const conditioner = await Conditioner.open(model, networks);
    engine = {
      model,
      networks,
      safety: null,
      condition: (plan) => conditioner.condition(plan),
    };
  });
  afterAll(() => engine.networks.close());

  test.each(latents)('$id', async ({ kind, params: { prompts, S, scale, eta }, inputs, outputs }) => {
    const read = (file: string) => readNpy(`${folder}/${file}`);
    const noise = read(inputs.x_T!.file);
    const generator = replay(inputs.noise ? [read(inputs.noise.file).data as Float32Array] : []);
    const own = { sampler: sampler[kind as keyof typeof sampler], syntax: 'plain' as const, generator };
    const plan = planOf(engine.model, { ...own, prompt: prompts, steps: S, scale, eta });
    const context = await engine.condition(plan, {});
    const shape = noise.shape as [number, number, number, number];
    const got = await denoise(engine, plan, context, shape, { noise: noise.data as Float32Array }, {});
    const golden = read(outputs.latent!.file).data as Float32Array;
    const largest = got.data.reduce((most, value, i) => Math.max(most, Math.abs(value - golden[i]!)), 0);
    expect(largest).toBeLessThan(5e-3);
  });
});

/** Hands out recorded numbers in order, and zeros once they are used up: draws that eta 0 multiplies by nothing. */
function replay(recorded: readonly Float32Array[]): Generator {
  const all = recorded.flatMap((numbers) => [...numbers]);
  return { randn: (count) => Float32Array.from({ length: count }, () => all.shift() ?? 0) };
}

function pixelsOfNpy({ data, shape }: Npy): Pixels {
  return { width: shape[1]!, height: shape[0]!, data: data as Uint8Array };
}
