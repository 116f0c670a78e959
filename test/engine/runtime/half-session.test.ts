import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import type { Model, WeightsModel } from '../../../src/engine/model.js';
import { requireFinite, requirePicture } from '../../../src/engine/pipeline/finite.js';
import { HalfSession } from '../../../src/engine/runtime/half-session.js';
import { onnxRuntime } from '../../../src/engine/runtime/native.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import type { NetworkSession } from '../../../src/engine/runtime/session.js';
import { keepTrial } from '../../../src/engine/runtime/trial-cache.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { oracle } from '../../oracle.js';
import { decodeModel } from '../graph/decode.js';

const OPTIONS = { config: oracle('ckpt/nano/v1-nano.yaml') };
const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');
const REQUEST = { prompt: 'a cat', seed: 1, steps: 2, width: 64, height: 64 };

/** Float16 that overflows in the network with this output, on a "WebGPU" that is the processor otherwise. */
async function overflowIn(output: string, by: (values: Float32Array) => void) {
  const { InferenceSession } = await onnxRuntime();
  const create = InferenceSession.create.bind(InferenceSession) as (
    model: Uint8Array,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession>;
  const made: string[] = [];
  const spy = vi.spyOn(InferenceSession, 'create') as unknown as { mockImplementation: (f: typeof create) => void };
  spy.mockImplementation(async (model, options) => {
    const session = await create(model, { ...options, executionProviders: ['cpu'] });
    const { nodes, outputs } = decodeModel(model);
    const half = nodes.some(({ op, ints }) => op === 'Cast' && ints.to === 10);
    if (!Object.keys(outputs).includes(output)) return session;
    made.push(half ? 'float16' : 'float32');
    const run = session.run.bind(session);
    session.run = (async (...words: Parameters<typeof run>) => {
      const fetched = await run(...words);
      if (half) for (const { data } of Object.values(fetched)) by(data as Float32Array);
      return fetched;
    }) as typeof session.run;
    return session;
  });
  return made;
}

describe('float16 that overflows ends in a correct picture', () => {
  let cache: string;
  beforeAll(async () => {
    cache = mkdtempSync(join(tmpdir(), 'easel-cache-'));
    // What a trial would have found: "WebGPU" is fine.
    const { unet } = (await openModel(NANO, OPTIONS)) as WeightsModel;
    const forms = { float32: { ...FUSED, castTables: true }, float16: { ...FUSED, float: 'float16' as const } };
    const headSize = unet.blockOutChannels[0]! / unet.heads[0]!;
    await keepTrial('webgpu', headSize, { trial: { forms, float32: 0, float16: 0 } }, cache);
  });
  afterAll(() => {
    rmSync(cache, { recursive: true });
  });

  test.each([
    [
      "NaN from the decoder, as fine-tunes' autoencoders give it",
      'sample',
      (data: Float32Array) => data.fill(Number.NaN),
    ],
    ['a black picture from the decoder', 'sample', (data: Float32Array) => data.fill(-9)],
    ['infinity from the UNet', 'out_sample', (data: Float32Array) => data.fill(Number.POSITIVE_INFINITY, 3, 4)],
  ])('%s: run again in float32, said once, and float32 from then on', async (_, output, spoil) => {
    await using cpu = await StableDiffusion.open(NANO, { ...OPTIONS, device: 'cpu' });
    const [want] = await cpu.txt2img(REQUEST);
    const made = await overflowIn(output, spoil);
    try {
      await using sd = await StableDiffusion.open(NANO, { ...OPTIONS, device: 'webgpu', cache, worker: false });
      const notices: unknown[] = [];
      const onNotice = (text: string, { code }: { code: string }) => code === 'overflowed' && notices.push(text);
      const [first] = await sd.txt2img(REQUEST, { onNotice });
      const [second] = await sd.txt2img(REQUEST, { onNotice });
      expect(first!.pixels.data).toEqual(second!.pixels.data);
      // Of the two networks one is still in float16.
      const off = Math.max(...first!.pixels.data.map((byte, k) => Math.abs(byte - want!.pixels.data[k]!)));
      expect(off).toBeLessThanOrEqual(4);
      expect(notices).toEqual([
        expect.stringMatching(/^The (UNet|decoder)'s numbers do not fit into 16 bits: it was run/),
      ]);
      expect(made).toEqual(['float16', 'float32']);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test('an overflow that float32 has too is not blamed on float16', async () => {
    const session = (value: number) => {
      const run = vi.fn(async () => ({ y: { data: Float32Array.of(value), shape: [1] } }));
      return { run, release: vi.fn(async () => {}) } as unknown as NetworkSession & { run: typeof run };
    };
    const [half, full, said] = [session(Number.NaN), session(Number.NaN), vi.fn()];
    const both = new HalfSession(half, full, ([value]) => Number.isFinite(value), said);
    await both.run({});
    await both.run({});
    expect(half.run).toHaveBeenCalledTimes(2);
    expect(full.run).toHaveBeenCalledTimes(2);
    expect(said).not.toHaveBeenCalled();
  });
});

describe('graphs that others exported, perhaps in float16,', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'easel-exported-'));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A decoder as exporters write it that gives its latents; ONNX Runtime's processor spoils them where it plays a GPU. */
  async function exported(spoil: (values: Float32Array) => void) {
    const g = new GraphBuilder('decoder', new Map());
    const sides = ['batch', 4, 'height', 'width'];
    g.output('sample', g.op('Neg', [g.input('latent_sample', 'float32', sides)]), sides);
    const file = join(folder, 'decoder.onnx');
    writeFileSync(file, (await g.finish()).model);
    const { InferenceSession } = await onnxRuntime();
    const create = InferenceSession.create.bind(InferenceSession) as (
      path: string,
      options: InferenceSession.SessionOptions,
    ) => Promise<InferenceSession>;
    const made: unknown[] = [];
    const spy = vi.spyOn(InferenceSession, 'create') as unknown as { mockImplementation: (f: typeof create) => void };
    spy.mockImplementation(async (path, options) => {
      const [provider] = options.executionProviders!;
      made.push(provider);
      const session = await create(path, { ...options, executionProviders: ['cpu'] });
      const run = session.run.bind(session);
      session.run = (async (...words: Parameters<typeof run>) => {
        const fetched = await run(...words);
        if (provider !== 'cpu') for (const { data } of Object.values(fetched)) spoil(data as Float32Array);
        return fetched;
      }) as typeof session.run;
      return session;
    });
    const nano = await openModel(NANO, OPTIONS);
    const files = { text: file, unet: file, decoder: file };
    return { model: { ...nano, kind: 'onnx', files } as Model, made };
  }

  const latents = { data: Float32Array.from({ length: 16 }, (_, k) => k / 16), shape: [1, 4, 2, 2] };

  test.each([
    ['NaN', (values: Float32Array) => values.fill(Number.NaN, 3, 4)],
    ['darker than black', (values: Float32Array) => values.fill(-9)],
  ])('are run on the processor when a GPU gives %s, said once, and from then on', async (_, spoil) => {
    const { model, made } = await exported(spoil);
    await using networks = networksOn('webgpu', model);
    const want = latents.data.map((value) => -value);
    expect((await networks.decodeLatents(latents)).data).toEqual(want);
    expect((await networks.decodeLatents(latents)).data).toEqual(want);
    expect(networks.takeNotices()).toEqual([
      [expect.stringMatching(/^The decoder computed nothing usable on webgpu: it was run again/), expect.anything()],
    ]);
    expect(made).toEqual(['webgpu', 'cpu']);
  });

  test('are told about in one sentence when the processor gives no picture either', async () => {
    const { model } = await exported(() => {});
    await expect(requireFinite(model, 'autoencoder', Float32Array.of(Number.NaN))).rejects.toThrow(
      /NaN or infinite.* If its graphs were exported in float16, export them in float32\.$/,
    );
    expect(() => requirePicture(model, Float32Array.of(-9))).toThrow(
      /darker than black.* If its graphs were exported in float16, export them in float32\.$/,
    );
  });
});
