import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../src/engine/checkpoint/open.js';
import { FUSED, type GraphForm } from '../../src/engine/graph/form.js';
import { buildUNet } from '../../src/engine/graph/unet.js';
import type { WeightsModel } from '../../src/engine/model.js';
import { TorchGenerator } from '../../src/engine/random/torch.js';
import { networksOn } from '../../src/engine/runtime/open.js';
import { NetworkSession } from '../../src/engine/runtime/session.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';
import { largestDifference } from './graph/goldens.js';
import { type KinName, kin, kinMask, kinPicture, writeKinFile } from './kin.js';

// What works for Stable Diffusion 1.x works for its kin: every precision, form and speed, batches, and previews.

const NAMES: readonly KinName[] = ['sd2', 'sd2-inpaint', 'inpaint', 'edit'];

let folder: string;
const files = {} as Record<KinName, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-kin-'));
  for (const name of NAMES) {
    files[name] = await writeKinFile(join(folder, `${name}.safetensors`), name);
    await writeFile(join(folder, `${name}.easel.json`), JSON.stringify({ predictionType: 'epsilon' }));
  }
});
afterAll(() => rm(folder, { recursive: true }));

const common = { scale: 3, sampler: 'ddim', negative: kin.texts.negative } as const;

/** What each is for. */
async function paint(
  sd: StableDiffusion,
  name: KinName,
  more: { seed: number; steps: number; count?: number } & object,
) {
  const image = kinPicture();
  if (name === 'sd2') return sd.txt2img({ ...common, prompt: kin.texts.prompt, width: 64, height: 64, ...more });
  if (name === 'edit') return sd.img2img({ ...common, prompt: kin.texts.instruction, image, ...more });
  return sd.inpaint({ ...common, prompt: kin.texts.prompt, image, mask: kinMask(), ...more });
}

describe.each(NAMES)('%s', (name) => {
  test('in company is as alone, to the byte', async () => {
    await using alone = await StableDiffusion.open(files[name], { device: 'cpu', threads: 1 });
    await using shared = await StableDiffusion.open(files[name], { device: 'cpu', threads: 1, batch: 4 });
    const asked = [
      { seed: 1, steps: 3 },
      { seed: 2, steps: 2, count: 2 },
    ];
    const together = await Promise.all(asked.map((one) => paint(shared, name, one)));
    for (const [k, one] of asked.entries()) {
      const want = await paint(alone, name, one);
      expect(together[k]!.map(({ pixels }) => pixels.data)).toEqual(want.map(({ pixels }) => pixels.data));
    }
  });

  test('predicts in int8 about what it does in float32, each picture by itself', async () => {
    const model = (await openModel(files[name])) as WeightsModel;
    const [latents, context] = [1, 2].map((seed) => new TorchGenerator(seed));
    const { inChannels, crossAttentionDim } = model.unet;
    const inputs = [
      { data: latents!.randn(2 * inChannels * 256), shape: [2, inChannels, 16, 16] },
      Float32Array.of(501, 501),
      { data: context!.randn(2 * 77 * crossAttentionDim), shape: [2, 77, crossAttentionDim] },
    ] as const;
    await using exact = networksOn('cpu', model);
    await using fast = networksOn('cpu', model, { precision: 'int8', cache: folder });
    const [want, got] = [await exact.predictNoise(...inputs), await fast.predictNoise(...inputs)];
    const power = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
    const noise = power(got.data.map((value, i) => value - want.data[i]!));
    expect(10 * Math.log10(power(want.data) / noise)).toBeGreaterThan(25);

    await using sd = await StableDiffusion.open(files[name], { device: 'cpu', precision: 'int8', cache: folder });
    const both = await paint(sd, name, { seed: 1, steps: 2, count: 2 });
    const [second] = await paint(sd, name, { seed: 2, steps: 2 });
    expect(both[1]!.pixels.data).toEqual(second!.pixels.data);
  });

  test('paints faster, with previews, and says so', async () => {
    await using sd = await StableDiffusion.open(files[name], { device: 'cpu' });
    const request = { seed: 1, steps: 16, speed: 'fastest', kvSubsampling: true, guidanceInterval: [0.3, 5] } as const;
    let looks = 0;
    const image = kinPicture();
    const options = {
      onProgress: async ({ previews }: { previews(): Promise<{ width: number }[]> }) => {
        const [look] = await previews();
        if (look?.width === 16) looks++;
      },
    };
    const asked = { ...common, ...request, prompt: kin.texts.prompt } as const;
    const [picture] =
      name === 'sd2'
        ? await sd.txt2img({ ...asked, width: 64, height: 64 }, options)
        : await sd.img2img({ ...asked, image }, options);
    expect(picture!.parameters).toMatchObject({ speed: 'fastest' });
    expect(looks).toBeGreaterThan(5);
  });

  const forms: [string, Partial<GraphForm>, number][] = [
    ['plain operators', { attention: 'plain', norms: 'plain', waves: 'plain', castTables: true }, 1e-4],
    ['float16', { float: 'float16' }, 0.05],
  ];
  test.each(forms)('predicts the same written in %s, as for GPUs', async (_, form, tolerance) => {
    const { unet, weights } = (await openModel(files[name])) as WeightsModel;
    const generator = new TorchGenerator(5);
    const feeds = {
      sample: { data: generator.randn(unet.inChannels * 256), shape: [1, unet.inChannels, 16, 16] },
      timestep: { data: Float32Array.of(501), shape: [1] },
      encoder_hidden_states: {
        data: generator.randn(77 * unet.crossAttentionDim),
        shape: [1, 77, unet.crossAttentionDim],
      },
    };
    const outputs = [];
    for (const more of [{}, form]) {
      const build = () => buildUNet(unet, weights.unet, { ...FUSED, ...more });
      await using session = new NetworkSession('unet', build, { executionProviders: ['cpu'] });
      outputs.push((await session.run(feeds)).out_sample!.data);
    }
    expect(largestDifference(outputs[0]!, outputs[1]!)).toBeLessThan(tolerance);
  });
});

const python = process.env.EASEL_PYTHON ?? 'python3';
const reason =
  spawnSync(python, ['-c', 'import diffusers, transformers']).status === 0
    ? ''
    : ` (skipped: ${python} has no diffusers or transformers; set EASEL_PYTHON)`;

describe.skipIf(reason !== '')(`the kin and diffusers${reason}`, () => {
  test.each(NAMES)('take %s for the same model: its names and numbers', (name) => {
    const script = join(import.meta.dirname, '../oracle/kin.py');
    expect(execFileSync(python, [script, 'check', name, files[name]], { encoding: 'utf8' })).toContain('the same');
  });
});
