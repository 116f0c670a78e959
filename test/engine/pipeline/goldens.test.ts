import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import type { Generator } from '../../../src/engine/random/generator.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { type Npy, oracle, readNpy } from '../../oracle.js';

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

/** Hands out recorded numbers in order, and zeros once they are used up: draws that eta 0 multiplies by nothing. */
function replay(recorded: readonly Float32Array[]): Generator {
  const all = recorded.flatMap((numbers) => [...numbers]);
  return { randn: (count) => Float32Array.from({ length: count }, () => all.shift() ?? 0) };
}

function pixelsOfNpy({ data, shape }: Npy): Pixels {
  return { width: shape[1]!, height: shape[0]!, data: data as Uint8Array };
}
