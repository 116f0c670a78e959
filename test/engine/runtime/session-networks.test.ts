import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { CheckpointError, RequestError } from '../../../src/engine/errors.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import type { ElementType } from '../../../src/engine/graph/onnx.js';
import { buildTextEncoder, textOutput } from '../../../src/engine/graph/text-encoder.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import { cachedInt8 } from '../../../src/engine/int8/cache.js';
import { largestWeight } from '../../../src/engine/int8/processor.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import type { Tensor } from '../../../src/engine/networks.js';
import type { Runner } from '../../../src/engine/runtime/half-session.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { type Feeds, NetworkSession, type Output } from '../../../src/engine/runtime/session.js';
import { SessionNetworks } from '../../../src/engine/runtime/session-networks.js';
import { oracle } from '../../oracle.js';

const sines = (...shape: number[]) => ({
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, k) => Math.sin(k * 1.7)),
  shape,
});

/** Networks that say how often each ran. A text's encoding is its tokens and the output's name. */
function counted() {
  const runs = { text: 0, context: 0, unet: 0 };
  const runner = (what: keyof typeof runs, output: (feeds: Feeds, name?: string) => Output): Runner => ({
    run: async (feeds, [name] = []) => {
      runs[what]++;
      return { [what]: output(feeds, name) };
    },
    outputNames: async () => ['last_hidden_state', textOutput(2)],
    inputShape: async () => ['times'],
    release: async () => {},
  });
  const text = runner('text', ({ input_ids }, name = '') => ({
    data: Float32Array.of(...input_ids!.data, name.length),
    shape: [1, 3, 1],
  }));
  const context = runner('context', ({ encoder_hidden_states }) => encoder_hidden_states as Output);
  const unet = runner('unet', ({ sample }) => sample as Output);
  return { networks: new SessionNetworks({ text, context, unet, decoder: unet }), runs };
}

describe('a model whose graphs we build', () => {
  let model: WeightsModel;
  beforeAll(async () => {
    const options = { config: oracle('ckpt/nano/v1-nano.yaml') };
    model = (await openModel(oracle('ckpt/nano/nano-ema-only.safetensors'), options)) as WeightsModel;
  });

  test('CLIP skip 2 is the text encoder without its last layer', async () => {
    await using networks = networksOn('cpu', model);
    const ids = Int32Array.from({ length: 77 }, (_, k) => k * 600);
    const skipped = await networks.encodeText(ids, 1, 2);
    const shorter = () => buildTextEncoder({ ...model.text, layers: model.text.layers - 1 }, model.weights.text);
    await using session = new NetworkSession('shorter', shorter, {});
    const { last_hidden_state: want } = await session.run({ input_ids: { data: ids, shape: [1, 77] } });
    expect(skipped.shape).toEqual(want!.shape);
    expect(skipped.data).toEqual(want!.data);
    expect((await networks.encodeText(ids, 1)).data).not.toEqual(want!.data);
    await expect(networks.encodeText(ids, 1, 9)).rejects.toThrow(RequestError);
  });

  test('prompts may be shorter than the position embedding', async () => {
    await using networks = networksOn('cpu', model);
    const long = await networks.encodeText(
      Int32Array.from({ length: 77 }, (_, k) => k),
      1,
    );
    const short = await networks.encodeText(
      Int32Array.from({ length: 20 }, (_, k) => k),
      2,
    );
    expect(short.shape).toEqual([2, 10, model.text.hiddenSize]);
    const first = Array.from(short.data.subarray(0, 10 * model.text.hiddenSize));
    for (const [k, value] of first.entries()) expect(value).toBeCloseTo(long.data[k]!, 5);
  });

  test('rows of a batch do not mix', async () => {
    await using networks = networksOn('cpu', model);
    const [x, context] = [sines(2, 4, 8, 8), sines(2, 77, model.text.hiddenSize)];
    const both = await networks.predictNoise(x, Float32Array.of(900, 20), context);
    const half = (data: Float32Array, row: number) =>
      data.subarray((row * data.length) / 2, ((row + 1) * data.length) / 2);
    for (const row of [0, 1]) {
      const alone = await networks.predictNoise(
        { data: half(x.data, row), shape: [1, 4, 8, 8] },
        Float32Array.of([900, 20][row]!),
        { data: half(context.data, row), shape: [1, 77, model.text.hiddenSize] },
      );
      const want = half(both.data, row);
      for (const [k, value] of alone.data.entries()) expect(value).toBeCloseTo(want[k]!, 4);
    }
  });

  test('one session predicts with all keys and values and with a quarter of them, in float32 and in int8', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'easel-int8-'));
    for (const precision of ['full', 'int8'] as const) {
      await using networks = networksOn('cpu', model, { precision, cache });
      const [x, context] = [sines(2, 4, 8, 8), sines(2, 77, model.text.hiddenSize)];
      const predict = async (subsample?: boolean) =>
        (await networks.predictNoise(x, Float32Array.of(900, 900), context, { subsample })).data;
      const whole = await predict();
      expect(await predict(true)).not.toEqual(whole);
      expect(await predict(false)).toEqual(whole);
      expect(networks.takeNotices()).toEqual([]);
    }
    rmSync(cache, { recursive: true });
  });

  test('a text is encoded again only if its tokens, the layer or the weights differ, and it was long unused', async () => {
    const { networks, runs } = counted();
    const encode = (first: number, clipSkip = 1) => networks.encodeText(Int32Array.of(first, 2), 1, clipSkip);
    await encode(1);
    const { data } = await encode(1);
    expect(runs.text).toBe(1);
    expect((await encode(1, 2)).data).not.toEqual(data);
    expect((await encode(3)).data).not.toEqual(data);
    expect(runs.text).toBe(3);
    for (let k = 0; k < 30; k++) await encode(10 + k);
    await encode(1);
    expect(runs.text).toBe(34);
    await networks.releasePainter();
    await encode(1);
    expect(runs.text).toBe(35);
  });

  test('a context is attended to again only if it is another tensor', async () => {
    const { networks, runs } = counted();
    const context = sines(1, 3, 8);
    const predict = (to: Tensor) => networks.predictNoise(sines(1, 4, 2, 2), Float32Array.of(7), to);
    await predict(context);
    await predict(context);
    expect(runs).toMatchObject({ context: 1, unet: 2 });
    await predict({ ...context });
    expect(runs.context).toBe(2);
    await networks.releasePainter();
    await predict(context);
    expect(runs.context).toBe(3);
  });

  test.each(['full', 'int8'] as const)('the bytes of a whole UNet, prompt included (%s)', async (precision) => {
    const cache = mkdtempSync(join(tmpdir(), 'easel-int8-'));
    await using networks = networksOn('cpu', model, { precision, cache });
    const int8 = precision === 'int8' ? { int8: cachedInt8({ folder: cache, largest: largestWeight() }) } : {};
    await using whole = new NetworkSession(
      'unet',
      () => buildUNet(model.unet, model.weights.unet, { ...FUSED, ...int8 }),
      {},
    );
    const [x, context] = [sines(2, 4, 8, 8), sines(2, 77, model.text.hiddenSize)];
    const timestep = { data: Float32Array.of(900, 900), shape: [2] };
    const { out_sample: want } = await whole.run({ sample: x, timestep, encoder_hidden_states: context });
    for (let step = 0; step < 2; step++) {
      expect((await networks.predictNoise(x, timestep.data, context)).data).toEqual(want!.data);
    }
    rmSync(cache, { recursive: true });
  });

  test('runs again after it was closed', async () => {
    const networks = networksOn('cpu', model);
    const ids = new Int32Array(77);
    const { data } = await networks.encodeText(ids, 1);
    await networks.close();
    await networks.close();
    expect((await networks.encodeText(ids, 1)).data).toEqual(data);
    await networks.close();
  });

  test('without an encoder it says so', async () => {
    const autoencoder = new Map([...model.weights.autoencoder].filter(([name]) => !name.startsWith('encoder.')));
    await using networks = networksOn('cpu', { ...model, weights: { ...model.weights, autoencoder } });
    const picture = { data: new Float32Array(3 * 64), shape: [1, 3, 8, 8] };
    await expect(networks.encodeImage(picture)).rejects.toThrow(/has no encoder.*cannot start from a picture/);
    expect(networks.embedImage).toBeUndefined();
  });
});

describe('graphs that others exported', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'easel-onnx-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A UNet's interface as exporters write it: out_sample = sample + timestep. */
  async function unet(type: ElementType, shape: (number | string)[]): Promise<SessionNetworks> {
    const g = new GraphBuilder('unet', new Map());
    const sides = ['batch', 4, 'height', 'width'];
    const sample = g.input('sample', 'float32', sides);
    const timestep = g.op('Cast', [g.input('timestep', type, shape)], { to: 1 });
    g.input('encoder_hidden_states', 'float32', ['batch', 'tokens', 8]);
    g.output('out_sample', g.op('Add', [sample, g.op('Reshape', [timestep, g.ints(-1, 1, 1, 1)])]), sides);
    const file = join(folder, `unet-${type}-${shape}.onnx`);
    writeFileSync(file, (await g.finish()).model);
    const session = new NetworkSession(file, file, {});
    return new SessionNetworks({ text: session, unet: session, decoder: session });
  }

  test.each([
    ['int64', ['batch']],
    ['int64', []],
    ['int64', [1]],
    ['float32', ['batch']],
    ['float32', []],
    ['float64', ['batch']],
    ['int32', ['batch']],
  ] as const)('take the timestep as %s %j', async (type, shape) => {
    await using networks = await unet(type, [...shape]);
    const [x, context] = [
      { data: new Float32Array(2 * 4 * 4), shape: [2, 4, 2, 2] },
      { data: new Float32Array(2 * 3 * 8), shape: [2, 3, 8] },
    ];
    const { data } = await networks.predictNoise(x, Float32Array.of(981, 981), context);
    expect([...data]).toEqual(Array(32).fill(981));
  });

  test('are not subsampled, and say so once', async () => {
    await using networks = await unet('float32', ['batch']);
    const predict = (subsample: boolean) =>
      networks.predictNoise(sines(2, 4, 2, 2), Float32Array.of(7, 7), sines(2, 3, 8), { subsample });
    const { data } = await predict(false);
    expect(networks.takeNotices()).toEqual([]);
    expect((await predict(true)).data).toEqual(data);
    expect(networks.takeNotices()).toEqual([[expect.stringMatching(/cannot be subsampled/), expect.anything()]]);
    await predict(true);
    expect(networks.takeNotices()).toEqual([]);
  });

  test('an input that Stable Diffusion does not have is named', async () => {
    const g = new GraphBuilder('unet', new Map());
    g.output('y', g.op('Neg', [g.input('text_embeds', 'float32', [1])]), [1]);
    const file = join(folder, 'other.onnx');
    writeFileSync(file, (await g.finish()).model);
    const session = new NetworkSession(`${file}: the UNet`, file, {});
    await expect(session.run({})).rejects.toThrow(/other\.onnx: the UNet: its graph has an input "text_embeds"/);
    await session.release();
  });

  test('a file that is no graph is named, with what to do', async () => {
    const file = join(folder, 'broken.onnx');
    writeFileSync(file, 'not a graph');
    const session = new NetworkSession(`${file}: the UNet`, file, {});
    await expect(session.open()).rejects.toThrow(CheckpointError);
    await expect(session.open()).rejects.toThrow(/broken\.onnx: the UNet cannot be loaded: .* Download it again\.$/);
  });
});
