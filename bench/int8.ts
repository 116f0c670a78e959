/**
 * int8 beside float32 at full size: CPU seconds of a guided step and of a decode, taking turns in one process, how far
 * their results are from float32's, and in a process of its own what a start and a whole picture take.
 *
 *   npm run build && node dist/bench/int8.js model.ckpt [side in pixels] [rounds]
 */
import { execFileSync } from 'node:child_process';
import { openModel } from '../src/engine/checkpoint/open.js';
import type { Networks, Tensor } from '../src/engine/networks.js';
import { TorchGenerator } from '../src/engine/random/torch.js';
import { networksOn } from '../src/engine/runtime/open.js';
import { Conditioner } from '../src/engine/text/conditioning.js';
import { anonymousMegabytes, PeakMemory } from './memory.js';

const [path, side = '512', rounds = '3', only] = process.argv.slice(2);
if (!path) throw new Error('usage: int8.js model.ckpt [side in pixels] [rounds]');

const model = await openModel(path);
const latent = Number(side) / model.downsampling;
const noise = new TorchGenerator(42).randn(model.latentChannels * latent * latent);
const sample: Tensor = {
  data: Float32Array.of(...noise, ...noise),
  shape: [2, model.latentChannels, latent, latent],
};

async function contextOf(networks: Networks): Promise<Tensor> {
  const conditioner = await Conditioner.open(model, networks);
  const { cond, uncond } = await conditioner.condition({
    prompts: ['a photograph of an astronaut riding a horse'],
    negative: '',
    scale: 7.5,
    syntax: 'plain',
    clipSkip: 1,
  });
  return { data: Float32Array.of(...uncond!.data, ...cond.data), shape: [2, ...cond.shape.slice(1)] };
}

async function cpuSeconds<T>(work: () => Promise<T>): Promise<[number, T]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1e6, result];
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const step = (networks: Networks, context: Tensor) =>
  networks.predictNoise(sample, Float32Array.of(500, 500), context, { guidance: 7.5 });
const decode = (networks: Networks) =>
  networks.decodeLatents({ data: noise.map((x) => x * 5), shape: [1, ...sample.shape.slice(1)] });

function relativeError(got: Tensor, want: Tensor): number {
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(got.data.map((x, i) => x - want.data[i]!)) / squares(want.data));
}

/** One after the other in each round, after one that makes the sessions. */
async function compare(what: string, exact: () => Promise<Tensor>, fast: () => Promise<Tensor>): Promise<void> {
  const error = relativeError(await fast(), await exact());
  const times: { exact: number; fast: number }[] = [];
  for (let round = 0; round < Number(rounds); round++) {
    const [e] = await cpuSeconds(exact);
    const [f] = await cpuSeconds(fast);
    times.push({ exact: e, fast: f });
  }
  const [e, f] = [median(times.map((time) => time.exact)), median(times.map((time) => time.fast))];
  console.log(
    `${what}: float32 ${e.toFixed(2)} s CPU, int8 ${f.toFixed(2)}, ratio ${(f / e).toFixed(3)}; relative error ${error.toFixed(3)}`,
  );
}

if (only === '--whole') {
  await using peak = new PeakMemory();
  await using networks = networksOn('cpu', model, { precision: 'int8' });
  const context = await contextOf(networks);
  const [first] = await cpuSeconds(() => step(networks, context));
  const [second] = await cpuSeconds(() => step(networks, context));
  const held = anonymousMegabytes();
  const [decoded] = await cpuSeconds(() => decode(networks));
  console.log(
    `first step ${first.toFixed(1)} s CPU, less a step ${(first - second).toFixed(1)}; decode ${decoded.toFixed(1)}; ` +
      `${held.toFixed(0)} MB anonymous after two steps, peak with the decode ${peak.megabytes().toFixed(0)} MB`,
  );
} else {
  const whole = () =>
    execFileSync(process.execPath, [process.argv[1]!, path, side, rounds, '--whole'], { encoding: 'utf8' });
  // The first start quantizes, unless an earlier run did.
  console.log(`a start:        ${whole()}the next start: ${whole()}`);
  await using exact = networksOn('cpu', model, { precision: 'full' });
  await using fast = networksOn('cpu', model, { precision: 'int8' });
  const context = await contextOf(exact);
  await compare(
    'a guided step',
    () => step(exact, context),
    () => step(fast, context),
  );
  await compare(
    'a decode',
    () => decode(exact),
    () => decode(fast),
  );
}
