import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { buildDecoder, buildEncoder } from '../../../src/engine/graph/autoencoder.js';
import type { BuiltGraph } from '../../../src/engine/graph/built-graph.js';
import { FUSED, type GraphForm } from '../../../src/engine/graph/form.js';
import { buildSafetyChecker } from '../../../src/engine/graph/safety-checker.js';
import { buildTextEncoder } from '../../../src/engine/graph/text-encoder.js';
import { buildTinyDecoder, buildTinyEncoder } from '../../../src/engine/graph/tiny-autoencoder.js';
import { buildTrial, trialFeeds } from '../../../src/engine/graph/trial.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { chooseDevice } from '../../../src/engine/runtime/device.js';
import type { Provider } from '../../../src/engine/runtime/provider.js';
import { NetworkSession, type Output } from '../../../src/engine/runtime/session.js';
import { type RunGraph, tryDevice } from '../../../src/engine/runtime/trial.js';
import { trialOf } from '../../../src/engine/runtime/trial-cache.js';
import type { Tried } from '../../../src/engine/runtime/try-apart.js';
import { oracle, secondOracle } from '../../oracle.js';
import { decodeModel } from '../graph/decode.js';

const HEAD = 40;
const PLAIN = { attention: 'plain', norms: 'plain', waves: 'plain' } as const;
const GPU = { name: 'A GPU', software: false };

type Outputs = Record<string, Output>;

/** A device that is the processor, but for what `spoil` does to its outputs, by the operators in the graph that it ran. */
function device(spoil: (outputs: Outputs, ops: Set<string>, float: 'float32' | 'float16') => void): RunGraph {
  return async (provider, graph, feeds, names) => {
    const built = await graph();
    const { nodes } = decodeModel(built.model);
    await using session = new NetworkSession('trial', async () => built, { executionProviders: ['cpu'] });
    const outputs = await session.run(feeds, names);
    const half = nodes.some(({ op, ints }) => op === 'Cast' && ints.to === 10 /* float16 */);
    if (provider !== 'cpu') spoil(outputs, new Set(nodes.map(({ op }) => op)), half ? 'float16' : 'float32');
    return outputs;
  };
}

const scaled = (output: Output | undefined, by: number) =>
  output!.data.forEach((value, k) => {
    output!.data[k] = value * by;
  });

describe('the trial network', () => {
  test('has every operator of our networks, in a few kilobytes', async () => {
    const options = { config: oracle('ckpt/nano/v1-nano.yaml') };
    const model = (await openModel(oracle('ckpt/nano/nano-full-ema-fp16.ckpt'), options)) as WeightsModel;
    const checked = await openModel(oracle('ckpt/tiny/diffusers'), { safetyChecker: oracle('ckpt/safety_checker') });
    const { text, unet, autoencoder, weights } = model;
    const withTiny = { vae: secondOracle('taesd/ckpt') };
    const taesd = (await openModel(oracle('ckpt/tiny/diffusers'), withTiny)) as WeightsModel;
    const opsOf = ({ model: bytes }: BuiltGraph) => decodeModel(bytes).nodes.map(({ op, domain }) => `${domain}:${op}`);
    for (const form of [FUSED, { ...FUSED, ...PLAIN, castTables: true }, { ...FUSED, float: 'float16' as const }]) {
      const networks = [
        await buildUNet(unet, weights.unet, form),
        await buildDecoder(autoencoder, weights.autoencoder, form),
        await buildEncoder(autoencoder, weights.autoencoder, { ...form, float: 'float32' }),
        await buildTinyDecoder(taesd.autoencoder, taesd.weights.autoencoder, form),
        await buildTinyEncoder(taesd.autoencoder, taesd.weights.autoencoder, { ...form, float: 'float32' }),
        await buildTextEncoder(text, weights.text, { ...form, float: 'float32' }),
        await buildSafetyChecker(checked.safetyChecker!.config, checked.safetyChecker!.weights, {
          ...form,
          float: 'float32',
        }),
      ];
      const trial = await buildTrial(form, HEAD);
      expect(trial.model.length).toBeLessThan(40_000);
      // Operators that only pass a value on compute nothing.
      const missing = networks.flatMap(opsOf).filter((op) => op !== ':Identity' && !opsOf(trial).includes(op));
      expect(missing).toEqual([]);
    }
  });

  test.each([
    ['plain', { ...FUSED, ...PLAIN, castTables: true }, 2e-4],
    ['float16', { ...FUSED, float: 'float16' }, 1e-2],
    ['plain in float16', { ...FUSED, ...PLAIN, float: 'float16' }, 1e-2],
  ] satisfies [string, GraphForm, number][])('gives the same numbers in every form: %s', async (_, form, most) => {
    const run = async (form: GraphForm) => {
      await using session = new NetworkSession('trial', () => buildTrial(form, HEAD), {});
      return await session.run(trialFeeds(HEAD), await session.outputNames());
    };
    const [want, got] = [await run(FUSED), await run(form)];
    for (const [name, { data }] of Object.entries(want)) {
      const range = Math.max(...data.map(Math.abs));
      const error = Math.max(...data.map((value, k) => Math.abs(value - got[name]!.data[k]!))) / range;
      expect(error, name).toBeLessThan(most);
      expect(range, name).toBeGreaterThan(0.5);
    }
  });
});

describe('a device is tried before it is trusted', () => {
  test('one that is right keeps the fused forms, in both precisions', async () => {
    const { forms, float32, float16 } = await tryDevice(
      'webgpu',
      HEAD,
      device(() => {}),
    );
    expect(forms!.float32).toMatchObject({ ...FUSED, castTables: true });
    expect(forms!.float16).toMatchObject({ attention: 'fused', norms: 'fused', waves: 'fused' });
    expect(float32).toBeLessThan(1e-5);
    expect(float16).toBeGreaterThan(1e-5);
    expect(float16).toBeLessThan(1e-2);
  });

  test.each([
    ['attention', 'MultiHeadAttention'],
    ['norms', 'InstanceNormalization'],
  ] as const)('one whose fused operator is wrong gets the plain form of it alone: %s', async (part, op) => {
    const spoil = (outputs: Outputs, ops: Set<string>) => {
      if (ops.has(op)) scaled(outputs[part], 1.1);
    };
    const { forms } = await tryDevice('webgpu', HEAD, device(spoil));
    expect(forms!.float32).toEqual({ ...FUSED, castTables: true, [part]: 'plain' });
    expect(forms!.float16).toEqual({ ...FUSED, float: 'float16', castTables: true, [part]: 'plain' });
  });

  test('one without float16 is used in float32', async () => {
    const { forms, float16 } = await tryDevice(
      'webgpu',
      HEAD,
      device((_, __, float) => {
        if (float === 'float16') throw new Error('Program Gather requires f16 but the device does not support it.');
      }),
    );
    expect(forms!.float32).toBeDefined();
    expect(forms!.float16).toBeUndefined();
    expect(float16).toBeUndefined();
  });

  test.each([
    ['wrong', (outputs: Outputs) => scaled(outputs.convolutions, 1.2), /convolutions off by 20 %/],
    ['not a number', (outputs: Outputs) => outputs.matrices!.data.fill(Number.NaN, 5, 6), /matrices off by NaN/],
    ['wrong in both forms', (outputs: Outputs) => scaled(outputs.attention, 0.5), /attention off by 50 %/],
  ])('one that is %s is refused, with what it was off by', async (_, spoil, message) => {
    const run = device(spoil);
    const trials = async (provider: Provider) => ({ adapter: GPU, trial: await tryDevice(provider, HEAD, run) });
    const named = chooseDevice('webgpu', { tryDevice: trials });
    await expect(named).rejects.toThrow(message);
    await expect(named).rejects.toThrow(
      /^The device webgpu cannot be used: it computes wrongly \(.*of their range\)\.$/,
    );
    const { taken, providers } = await chooseDevice('auto', { order: ['webgpu', 'cpu'], tryDevice: trials });
    expect(taken).toBe('cpu');
    expect(providers[0]).toMatchObject({
      provider: 'webgpu',
      available: false,
      reason: expect.stringMatching(message),
    });
  });

  test('auto takes one that is right and never one in software; by name, software is taken', async () => {
    const run = device(() => {});
    const trials = (software: boolean) => async (provider: Provider) => ({
      adapter: { name: 'SwiftShader', software },
      trial: await tryDevice(provider, HEAD, run),
    });
    const order = ['webgpu', 'cpu'] as const;
    expect((await chooseDevice('auto', { order, tryDevice: trials(false) })).taken).toBe('webgpu');
    const passedBy = await chooseDevice('auto', { order, tryDevice: trials(true) });
    expect(passedBy.taken).toBe('cpu');
    expect(passedBy.providers[0]!.reason).toMatch(/SwiftShader is in software/);
    expect((await chooseDevice('webgpu', { tryDevice: trials(true) })).trial!.forms).toBeDefined();
  });
});

describe('what a trial came to is kept', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'easel-trials-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const NO = { adapter: GPU, trial: { refusal: 'no' } };
  const asker = (inFolder: string, result: Tried = NO) => {
    const tryOut = vi.fn(async () => result);
    const ask = (provider: Provider = 'webgpu', head = HEAD) => trialOf(provider, head, { folder: inFolder, tryOut });
    return { tryOut, ask };
  };

  test('until the drivers, the provider or the width of heads change', async () => {
    const { tryOut, ask } = asker(folder);
    expect(await ask()).toEqual(NO);
    expect(await ask()).toEqual(NO);
    expect(tryOut).toHaveBeenCalledTimes(1);
    await ask('webgpu', 64);
    await ask('cuda');
    expect(tryOut).toHaveBeenCalledTimes(3);
    vi.stubEnv('VK_DRIVER_FILES', '/another/driver.json');
    await ask();
    await ask();
    expect(tryOut).toHaveBeenCalledTimes(4);
  });

  test('but not that no session can be made: what was missing may be there next time', async () => {
    const { tryOut, ask } = asker(folder, { reason: 'no driver' });
    expect([await ask(), await ask()]).toEqual([{ reason: 'no driver' }, { reason: 'no driver' }]);
    expect(tryOut).toHaveBeenCalledTimes(2);
  });

  test.each<[string, (kept: string) => string]>([
    ['cut off', (kept) => kept.slice(0, 20)],
    ['empty', () => ''],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['binary', () => '\u0000\uffff'],
    ['without a trial', (kept) => JSON.stringify({ key: JSON.parse(kept).key })],
    ['of a trial that is null', (kept) => JSON.stringify({ ...JSON.parse(kept), trial: null })],
    ['of no result', (kept) => JSON.stringify({ ...JSON.parse(kept), trial: {} })],
    [
      'of unknown forms',
      (kept) => JSON.stringify({ ...JSON.parse(kept), trial: { forms: { float32: 1 }, float32: 0 } }),
    ],
    ["another's, under its name", (kept) => kept.replace('webgpu', 'cuda')],
  ])('a file that is %s counts for nothing, and is written again', async (_, spoil) => {
    const { tryOut, ask } = asker(folder);
    await ask();
    const [name] = readdirSync(join(folder, 'devices'));
    const file = join(folder, 'devices', name!);
    const kept = readFileSync(file, 'utf8');
    writeFileSync(file, spoil(kept));
    expect(await ask()).toEqual(NO);
    expect(tryOut).toHaveBeenCalledTimes(2);
    expect(readFileSync(file, 'utf8')).toBe(kept);
  });

  test('whole, with everything that a trial finds', async () => {
    const trial = await tryDevice(
      'webgpu',
      HEAD,
      device(() => {}),
    );
    const { tryOut, ask } = asker(folder, { adapter: GPU, trial });
    expect(await ask()).toEqual({ adapter: GPU, trial });
    expect(await ask()).toEqual({ adapter: GPU, trial });
    expect(tryOut).toHaveBeenCalledTimes(1);
  });

  test('nowhere, if there is a file or a folder in its place', async () => {
    writeFileSync(join(folder, 'file'), '');
    const inFile = asker(join(folder, 'file'));
    expect([await inFile.ask(), await inFile.ask()]).toEqual([NO, NO]);
    expect(inFile.tryOut).toHaveBeenCalledTimes(2);
    const { ask } = asker(folder);
    await ask();
    const [name] = readdirSync(join(folder, 'devices'));
    rmSync(join(folder, 'devices', name!));
    mkdirSync(join(folder, 'devices', name!, 'x'), { recursive: true });
    expect([await ask(), await ask()]).toEqual([NO, NO]);
  });
});
