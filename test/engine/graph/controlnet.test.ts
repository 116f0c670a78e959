import { beforeAll, describe, expect, test } from 'vitest';
import { openControlNet } from '../../../src/engine/checkpoint/controlnet.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { ControlNet } from '../../../src/engine/controlnet.js';
import { buildControlHint, buildControlNet } from '../../../src/engine/graph/controlnet.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import type { Tensor } from '../../../src/engine/networks.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { oracle, secondOracle, wholeOracle } from '../../oracle.js';
import { type Case, cases, expectClose } from './goldens.js';

const goldens = secondOracle('controlnet/goldens');
const nano = oracle('ckpt/nano/nano-ema-only.safetensors');
const nanoOptions = { config: oracle('ckpt/nano/v1-nano.yaml'), useEma: true };

const MODELS = [
  { base: 'nano', model: nano, options: nanoOptions, control: 'control_nano_diffusers' },
  { base: 'nano', model: nano, options: nanoOptions, control: 'control_nano_cldm_noprefix.safetensors' },
  ...(wholeOracle
    ? [{ base: 'tiny', model: oracle('ckpt/tiny/diffusers'), options: {}, control: 'control_tiny_cldm.pth' }]
    : []),
];

describe.each(MODELS)("$control for $base gives diffusers' numbers", ({ base, model: path, options, control }) => {
  let model: WeightsModel;
  let net: ControlNet;
  let golden: Case;
  beforeAll(async () => {
    model = (await openModel(path, options)) as WeightsModel;
    net = await openControlNet(secondOracle(`controlnet/ckpt/${control}`), model.unet);
    golden = cases(goldens, 'control_residuals').find(({ id }) => id.endsWith(base))!;
  });

  const found = async () => {
    await using hints = new NetworkSession('hint', () => buildControlHint(net.config, net.weights), {});
    await using session = new NetworkSession('control', () => buildControlNet(net.config, net.weights), {});
    const { control_u8, x, t, context } = golden.inputs;
    const { hint } = await hints.run({ picture: planes(control_u8!) });
    const feeds = { sample: x!, timestep: t!, encoder_hidden_states: context!, hint: hint! };
    return { hint: hint!, residuals: await session.run(feeds, await session.outputNames()) };
  };

  test('hint and residuals', async () => {
    const { hint, residuals } = await found();
    expectClose(hint, golden.outputs.hint_embedding!, 1e-4);
    expectClose(residuals['residual.mid']!, golden.outputs.mid!, 2e-4);
    const down = Object.keys(golden.outputs).filter((name) => name.startsWith('down_'));
    expect(Object.keys(residuals)).toHaveLength(down.length + 1);
    for (const [k, name] of down.entries()) expectClose(residuals[`residual.${k}`]!, golden.outputs[name]!, 2e-4);
  });

  test('the UNet that hears them', async () => {
    const { residuals } = await found();
    const form = { ...FUSED, controlled: true } as const;
    await using unet = new NetworkSession('unet', () => buildUNet(model.unet, model.weights.unet, form), {});
    const { x, t, context } = golden.inputs;
    const eps = async (factor: (k: number) => number) => {
      const heard = Object.entries(residuals).map(([name, { data, shape }], k) => {
        return [name, { data: (data as Float32Array).map((value) => value * factor(k)), shape }] as const;
      });
      const feeds = { sample: x!, timestep: t!, encoder_hidden_states: context!, ...Object.fromEntries(heard) };
      return (await unet.run(feeds)).out_sample!;
    };
    const last = Object.keys(residuals).length - 1;
    expectClose(await eps(() => 1), golden.outputs.eps!, 2e-4);
    expectClose(await eps(() => 0.6), golden.outputs['eps_scale0.6']!, 2e-4);
    expectClose(await eps(() => 0), golden.outputs.eps_no_control!, 2e-4);
    expectClose(await eps((k) => 10 ** (k / last - 1)), golden.outputs.eps_guess_scaled!, 2e-4);
  });
});

/** Bytes [h, w, 3] as [1, 3, h, w] in 0..1. */
function planes({ data, shape }: Tensor): Tensor {
  const [height, width] = shape as [number, number];
  const size = height * width;
  const out = Float32Array.from({ length: 3 * size }, (_, i) => data[(i % size) * 3 + Math.floor(i / size)]! / 255);
  return { data: out, shape: [1, 3, height, width] };
}
