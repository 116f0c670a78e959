import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { float32, writeSafetensors } from './write-safetensors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-kinds-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file with tensors of these names. */
async function withKeys(...names: string[]): Promise<string> {
  const path = join(folder, `${names[0]!.replaceAll(/\W/g, '_')}.safetensors`);
  await writeSafetensors(path, new Map(names.map((name) => [name, float32([2, 2], [1, 2, 3, 4])])));
  return path;
}

const LORA = { message: expect.stringMatching(/this is a LoRA\./), code: 'isLora' };
const EMBEDDING = {
  message: expect.stringMatching(/this is a textual-inversion embedding\./),
  code: 'isEmbedding',
};
const VAE = { message: expect.stringMatching(/this is an autoencoder\./), code: 'isAutoencoder' };
const CONTROLNET = /this is a ControlNet/;

describe('a file that is not a checkpoint is refused with what it is, and where it goes', () => {
  test.each(['kohya', 'loha', 'lokr', 'tucker', 'peft', 'diffusers-old'])('a LoRA: %s', async (name) => {
    await expect(openModel(`test/fixtures/lora/${name}.safetensors`)).rejects.toMatchObject(LORA);
  });

  test('a LoRA of the first diffusers, which had the noise predictor alone and no prefix', async () => {
    const block = 'mid_block.attentions.0.transformer_blocks.0.attn1.processor';
    const path = await withKeys(`${block}.to_q_lora.down.weight`, `${block}.to_q_lora.up.weight`);
    await expect(openModel(path)).rejects.toMatchObject(LORA);
  });

  test('a LoRA that changes the text encoder alone', async () => {
    const module = 'text_encoder.text_model.encoder.layers.1.self_attn.q_proj.lora_linear_layer';
    const path = await withKeys(`${module}.down.weight`, `${module}.up.weight`);
    await expect(openModel(path)).rejects.toMatchObject(LORA);
  });

  test.each(['learned_embeds.bin', 'negative.safetensors', 'original.pt', 'webui.pt'])(
    'an embedding: %s',
    async (name) => {
      await expect(openModel(`test/fixtures/embeddings/${name}`)).rejects.toMatchObject(EMBEDDING);
    },
  );

  test.each([
    ['of diffusers', join(EMBEDDED_MODEL, 'vae/diffusion_pytorch_model.safetensors'), null],
    ['of CompVis', null, ['encoder.down.0.block.0.conv1.weight', 'decoder.up.0.block.0.conv1.weight']],
    ['out of a checkpoint', null, ['first_stage_model.decoder.conv_in.weight', 'first_stage_model.quant_conv.weight']],
  ])('an autoencoder %s', async (_, path, keys) => {
    await expect(openModel(path ?? (await withKeys(...keys!)))).rejects.toMatchObject(VAE);
  });

  test.each([
    ['of its authors', ['control_model.input_blocks.0.0.weight', 'control_model.time_embed.0.weight']],
    ['of diffusers', ['controlnet_cond_embedding.conv_in.weight', 'down_blocks.0.resnets.0.conv1.weight']],
  ])('a ControlNet %s', async (_, keys) => {
    await expect(openModel(await withKeys(...keys))).rejects.toThrow(CONTROLNET);
  });

  test('to easel inspect too', async () => {
    const description = await describeCheckpoint('test/fixtures/lora/diffusers-old.safetensors', { hash: false });
    expect(description).toMatchObject({ architecture: expect.stringMatching(/^a LoRA;/), codes: ['isLora'] });
  });
});

test('a checkpoint with an embedding or a LoRA left in it is a checkpoint', async () => {
  const path = await withKeys('model.diffusion_model.out.2.weight', 'emb_params', 'lora_unet_x.lora_up.weight');
  await expect(openModel(path)).rejects.not.toThrow(/this is a/);
});
