import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { embedded } from '../../embedded.js';
import { oracle, wholeOracle } from '../../oracle.js';
import { type Made, takeApart, writeSafetensors } from './write-safetensors.js';

const UNET = 'unet/diffusion_pytorch_model.safetensors';
const VAE = 'vae/diffusion_pytorch_model.safetensors';
const TEXT = 'text_encoder/model.safetensors';

describe('the embedded model', () => {
  test('takes tokens, scaling and card from its own files, not from Stable Diffusion', async () => {
    const model = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
    expect(model.maxTokens).toBe(32);
    const json = async (file: string) => JSON.parse(await readFile(join(EMBEDDED_MODEL, file), 'utf8'));
    const [card, vae] = await Promise.all(['easel.json', 'vae/config.json'].map(json));
    expect(model.scalingFactor).toBe(vae.scaling_factor);
    expect(model.card).toMatchObject(card);
    expect(model.unet.attention).toEqual([false, true, true]);
    expect(model.latentMultiple).toBe(4);
    expect(model.downsampling).toBe(2 ** (vae.block_out_channels.length - 1));
    expect(model.latentChannels).toBe(vae.latent_channels);
    expect(model.text.vocabSize).toBe(7514);
    expect(model.warnings).toEqual([]);
  });

  test('has every tensor that its configuration asks for, mapped and not read', async () => {
    const { weights } = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
    for (const [network, file] of Object.entries({ unet: UNET, text: TEXT, autoencoder: VAE } as const)) {
      const stored = await takeApart(join(EMBEDDED_MODEL, file));
      expect(weights[network as keyof typeof weights].size, network).toBe(stored.size);
    }
    expect(
      [...weights.unet.values()].every(
        ({ bytes, dtype, shape }) => !bytes && dtype === (shape.length > 1 ? 'F8_E4M3' : 'F16'),
      ),
    ).toBe(true);
  });

  test("the short hash is the beginning of the SHA-256 of the UNet's file", async () => {
    const file = await readFile(join(EMBEDDED_MODEL, 'unet/diffusion_pytorch_model.safetensors'));
    const digits = createHash('sha256').update(file).digest('hex');
    expect(await (await openModel(EMBEDDED_MODEL)).hash()).toBe(digits.slice(0, 10));
  });
});

describe('a folder that is not as it should be', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-diffusers-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function variant(
    name: string,
    change: (path: string) => Promise<void>,
    from = EMBEDDED_MODEL,
  ): Promise<string> {
    const path = join(folder, name);
    await cp(from, path, { recursive: true });
    await change(path);
    return path;
  }

  async function editJson(file: string, change: (json: Record<string, unknown>) => void): Promise<void> {
    const json = JSON.parse(await readFile(file, 'utf8'));
    change(json);
    await writeFile(file, JSON.stringify(json));
  }

  test('a missing folder says so', async () => {
    await expect(openModel('models/no-such-model')).rejects.toThrow(/no-such-model: there is no such file or folder/);
  });

  test('SDXL is refused by name', async () => {
    const path = await variant('xl', (model) =>
      editJson(join(model, 'model_index.json'), (json) => {
        json._class_name = 'StableDiffusionXLPipeline';
      }),
    );
    await expect(openModel(path)).rejects.toThrow(/StableDiffusionXLPipeline/);
  });

  test('a configuration that is not JSON names the file', async () => {
    const path = await variant('json', (model) => writeFile(join(model, 'unet', 'config.json'), '{"in_channels": '));
    await expect(openModel(path)).rejects.toThrow(/unet\/config\.json: it is not valid JSON/);
  });

  test('a configuration that does not fit the weights names the tensor and both shapes', async () => {
    const path = await variant('width', (model) =>
      editJson(join(model, 'unet', 'config.json'), (json) => {
        json.cross_attention_dim = 768;
      }),
    );
    await expect(openModel(path)).rejects.toThrow(/attn2\.to_k\.weight" has shape \[192,192\], expected \[192,768\]/);
  });

  test('heads that do not divide the width are refused with both numbers', async () => {
    const path = await variant('heads', (model) =>
      editJson(join(model, 'unet', 'config.json'), (json) => {
        json.attention_head_dim = 7;
      }),
    );
    await expect(openModel(path)).rejects.toThrow(
      /96 channels cannot be divided evenly among the UNet's attention heads \(7\)/,
    );
  });

  test.each([
    ['LCMScheduler', { steps: 4, scale: 1, sampler: 'lcm' }],
    ['TCDScheduler', { steps: 4, scale: 1, sampler: 'tcd' }],
    ['PNDMScheduler', { steps: 50, scale: 7.5, sampler: 'ddim' }],
  ])('%s says how many steps are needed', async (scheduler, wanted) => {
    const path = await variant(scheduler, async (model) => {
      await rm(join(model, 'easel.json'));
      await editJson(join(model, 'scheduler', 'scheduler_config.json'), (json) => {
        json._class_name = scheduler;
      });
    });
    expect((await openModel(path)).card).toMatchObject(wanted);
  });

  describe('a schedule that ends in pure noise', () => {
    const scheduler = (name: string, more: object) =>
      variant(name, (model) =>
        editJson(join(model, 'scheduler', 'scheduler_config.json'), (json) => {
          Object.assign(json, { rescale_betas_zero_snr: true }, more);
        }),
      );

    test('is taken with v-prediction, and timesteps that reach it', async () => {
      const path = await scheduler('snr', {
        prediction_type: 'v_prediction',
        timestep_spacing: 'trailing',
        _class_name: 'EulerDiscreteScheduler',
        guidance_rescale: 0.7,
      });
      await rm(join(path, 'easel.json'));
      const { schedule, card } = await openModel(path);
      expect(schedule.alphasCumprod[999]).toBe(0);
      expect(schedule.predictionType).toBe('v_prediction');
      expect(card).toMatchObject({ sampler: 'euler', sigmas: 'trailing', guidanceRescale: 0.7 });
    });

    test('is refused with another prediction, which cannot say what is behind the noise', async () => {
      await expect(openModel(await scheduler('snr-eps', { prediction_type: 'epsilon' }))).rejects.toThrow(
        /needs prediction_type v_prediction/,
      );
    });

    test('paints', async () => {
      const path = await scheduler('snr-paints', { prediction_type: 'v_prediction', timestep_spacing: 'trailing' });
      await using sd = await StableDiffusion.open(path);
      const size = { width: 64, height: 64 };
      for (const sampler of ['ddim', 'euler', 'dpmpp_2m', 'unipc'] as const) {
        const request = {
          prompt: 'a red apple',
          seed: 1,
          steps: 3,
          sampler,
          sigmas: 'trailing',
          scale: 3,
          ...size,
        } as const;
        const [plain] = await sd.txt2img(request);
        const [picture] = await sd.txt2img({ ...request, guidanceRescale: 0.7 });
        expect(picture!.pixels.data).not.toEqual(plain!.pixels.data);
        expect(picture!.parameters).toMatchObject({ guidanceRescale: 0.7 });
      }
    });
  });

  test('an architecture with more layers than the file has names what is missing', async () => {
    const path = await variant('layers', (model) =>
      editJson(join(model, 'text_encoder', 'config.json'), (json) => {
        json.num_hidden_layers = 4;
      }),
    );
    await expect(openModel(path)).rejects.toThrow(/text encoder lacks "text_model\.encoder\.layers\.3\..* and 15 more/);
  });

  test('a truncated weights file is found when it is opened', async () => {
    const path = await variant('short', async (model) => {
      const file = join(model, 'vae', 'diffusion_pytorch_model.safetensors');
      await writeFile(file, (await readFile(file)).subarray(0, -1000));
    });
    await expect(openModel(path)).rejects.toThrow(CheckpointError);
  });

  test('a configuration with nothing but the class name has the defaults of the library, so its shapes do not fit', async () => {
    const path = await variant('defaults', (model) =>
      writeFile(join(model, 'unet', 'config.json'), '{"_class_name": "UNet2DConditionModel"}'),
    );
    await expect(openModel(path)).rejects.toThrow(
      `"conv_in.weight" has shape [96,${embedded.latentChannels},3,3], expected [320,4,3,3]`,
    );
  });

  /** Takes a weights file apart, changes its tensors, and writes what `change` says instead. */
  async function rewrite(path: string, change: (tensors: Map<string, Made>) => Promise<void>): Promise<void> {
    const tensors = await takeApart(path);
    await rm(path);
    await change(tensors);
  }

  test('shards are read together, as their index says', async () => {
    const path = await variant('shards', (model) =>
      rewrite(join(model, 'unet/diffusion_pytorch_model.safetensors'), async (tensors) => {
        const shard = (k: number) => `diffusion_pytorch_model-0000${k}-of-00002.safetensors`;
        const parts = [new Map<string, Made>(), new Map<string, Made>()];
        const map: Record<string, string> = {};
        [...tensors].forEach(([name, made], k) => {
          parts[k % 2]!.set(name, made);
          map[name] = shard((k % 2) + 1);
        });
        for (const k of [0, 1]) await writeSafetensors(join(model, 'unet', shard(k + 1)), parts[k]!);
        const index = join(model, 'unet/diffusion_pytorch_model.safetensors.index.json');
        await writeFile(index, JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
      }),
    );
    const model = (await openModel(path)) as WeightsModel;
    expect(model.weights.unet.size).toBe(embedded.weights.unet.size);
    expect(new Set([...model.weights.unet.values()].map(({ file }) => file)).size).toBe(2);
  });

  test('an index that names a file elsewhere is refused', async () => {
    const path = await variant('stray', async (model) => {
      await rm(join(model, 'unet/diffusion_pytorch_model.safetensors'));
      const index = join(model, 'unet/diffusion_pytorch_model.safetensors.index.json');
      await writeFile(index, JSON.stringify({ weight_map: { 'conv_in.weight': '../../secret.safetensors' } }));
    });
    await expect(openModel(path)).rejects.toThrow(/names "\.\.\/\.\.\/secret\.safetensors", which is not a shard/);
  });

  test('a folder of 2022 is read: .bin files, the old names of the attention, a configuration without the newer keys', async () => {
    const path = await variant(
      'old',
      async (model) => {
        await rewrite(join(model, 'vae/diffusion_pytorch_model.safetensors'), async (tensors) => {
          const old = [...tensors].map(([name, made]): [string, Made] => [
            name.replace(/to_q|to_k|to_v|to_out\.0/, (part) =>
              part === 'to_q' ? 'query' : part === 'to_k' ? 'key' : part === 'to_v' ? 'value' : 'proj_attn',
            ),
            made,
          ]);
          await writeSafetensors(join(model, 'vae/diffusion_pytorch_model.bin'), new Map(old));
        });
        await editJson(join(model, 'vae/config.json'), (json) => {
          for (const key of ['scaling_factor', 'mid_block_add_attention', 'use_quant_conv', 'force_upcast'])
            delete json[key];
        });
      },
      oracle('ckpt/tiny/diffusers'),
    );
    const model = (await openModel(path)) as WeightsModel;
    expect(model.weights.autoencoder.size).toBe(248);
    expect(model.weights.autoencoder.get('decoder.mid_block.attentions.0.to_out.0.weight')!.file).toMatch(/\.bin$/);
    expect(model.scalingFactor).toBe(0.18215);
  });

  test('weights that are there only as a variant are found', async () => {
    const path = await variant('fp16', async (model) => {
      const file = join(model, 'unet', 'diffusion_pytorch_model.safetensors');
      await cp(file, join(model, 'unet', 'diffusion_pytorch_model.fp16.safetensors'));
      await rm(file);
    });
    const model = (await openModel(path)) as WeightsModel;
    expect(model.weights.unet.get('conv_in.weight')!.file).toMatch(/fp16\.safetensors$/);
  });
});

describe('the folders of the oracle', () => {
  test('every tensor of the tiny folder is found', async () => {
    const model = (await openModel(oracle('ckpt/tiny/diffusers'))) as WeightsModel;
    expect([model.weights.unet.size, model.weights.text.size, model.weights.autoencoder.size]).toEqual([686, 52, 248]);
    expect(model.card.nativeSize).toBe(512);
    expect(model.unet.heads).toEqual([4, 4, 4, 4]);
  });

  if (wholeOracle) {
    test('an ONNX folder gives its four graphs', async () => {
      const model = await openModel(oracle('ckpt/tiny/onnx'));
      expect(model).toMatchObject({ kind: 'onnx', maxTokens: 77, scalingFactor: 0.18215 });
      if (model.kind === 'onnx') expect(model.files.encoder).toMatch(/vae_encoder\/model\.onnx$/);
    });
  }

  test('a safety checker is read when it is asked for', async () => {
    const model = await openModel(oracle('ckpt/tiny/diffusers'), { safetyChecker: oracle('ckpt/safety_checker') });
    expect(model.safetyChecker!.weights.get('concept_embeds')!.shape).toEqual([17, 16]);
  });
});
