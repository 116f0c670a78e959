import { beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { oracle } from '../../oracle.js';
import { type DecodedModel, decodeModel } from './decode.js';
import { cases, largestDifference } from './goldens.js';

/**
 * The UNet as GPUs get it. The CPU can run it by casting around each float16 operator, which shows that the graph is
 * correct and how much float16 rounds.
 */

describe('the UNet in float16', () => {
  let model: WeightsModel;
  let decoded: DecodedModel;
  beforeAll(async () => {
    const options = { config: oracle('ckpt/nano/v1-nano.yaml') };
    model = (await openModel(oracle('ckpt/nano/nano-ema-only.safetensors'), options)) as WeightsModel;
    decoded = decodeModel((await buildUNet(model.unet, model.weights.unet, { ...FUSED, float: 'float16' })).model);
  });

  test('has float32 inputs and outputs', () => {
    expect(new Set([...Object.values(decoded.inputs), ...Object.values(decoded.outputs)])).toEqual(
      new Set(['float32']),
    );
  });

  test('computes convolutions, matrices and attention in float16, norms and the time embedding in float32', () => {
    const types = typesOf(decoded);
    const ofOp = (op: string) =>
      decoded.nodes.filter((node) => node.op === op).map(({ outputs }) => types.get(outputs[0]!));
    expect(new Set(ofOp('Conv'))).toEqual(new Set(['float16']));
    expect(new Set(ofOp('MultiHeadAttention'))).toEqual(new Set(['float16']));
    expect(new Set(ofOp('InstanceNormalization'))).toEqual(new Set(['float32']));
    expect(new Set(ofOp('LayerNormalization'))).toEqual(new Set(['float32']));
    expect(new Set(ofOp('Sin'))).toEqual(new Set(['float32']));
    const inTime = (name: string) => name.startsWith('time_embedding');
    const gemms = decoded.nodes.filter(({ op, inputs }) => op === 'Gemm' && inputs[1] && !isCastOf(inputs[1]));
    expect(gemms.filter(({ inputs }) => inTime(inputs[1]!)).map(({ outputs }) => types.get(outputs[0]!))).not.toContain(
      'float16',
    );
  });

  test.each(cases(oracle('goldens/nano'), 'unet'))("stays near the reference's numbers: $id", async (golden) => {
    const { x, t, context } = golden.inputs;
    const build = () => buildUNet(model.unet, model.weights.unet, { ...FUSED, float: 'float16' });
    await using session = new NetworkSession('unet', build, { executionProviders: ['cpu'] });
    const { out_sample: got } = await session.run({
      sample: x!,
      timestep: { data: t!.data, shape: t!.shape },
      encoder_hidden_states: context!,
    });
    expect(largestDifference(got!.data, golden.outputs.eps!.data)).toBeLessThan(0.01);
  });

  function isCastOf(value: string): boolean {
    return value.startsWith('Cast');
  }
});

/** Element types of all floating-point values: every operator but Cast keeps its first input's. */
function typesOf({ nodes, initializers, inputs }: DecodedModel): Map<string, string> {
  const types = new Map([...Object.entries(inputs), ...initializers.map(({ name, type }) => [name, type] as const)]);
  for (const { op, inputs, outputs, ints } of nodes) {
    const type =
      op === 'Cast' ? (ints.to === 1 ? 'float32' : 'float16') : op === 'Shape' ? 'int64' : types.get(inputs[0]!);
    for (const output of outputs) types.set(output, type!);
    const floats = new Set(inputs.map((input) => types.get(input)).filter((t) => t === 'float32' || t === 'float16'));
    // Reshape and Resize take shapes and scales of their own types beside the value.
    if (!['Cast', 'Resize'].includes(op)) expect(floats.size, `${op} mixes float types`).toBeLessThanOrEqual(1);
  }
  return types;
}
