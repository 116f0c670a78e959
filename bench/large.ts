/**
 * What a network of a model takes in memory for pictures of several sizes: what it holds between runs, and the most while
 * it runs. With few gigabytes free, it takes the way that needs least.
 *
 *   npm run build && node dist/bench/large.js model.ckpt unet|decoder|encoder full|int8 100 512 1024x768 ...
 */
import { openModel } from '../src/engine/checkpoint/open.js';
import type { Tensor } from '../src/engine/networks.js';
import { TorchGenerator } from '../src/engine/random/torch.js';
import { networksOn, type Precision } from '../src/engine/runtime/open.js';
import { anonymousMegabytes, PeakMemory } from './memory.js';

const [path, network, precision, free = '100', ...sizes] = process.argv.slice(2);
if (!path || sizes.length === 0) throw new Error('usage: large.js model.ckpt network precision free sizes ...');

const model = await openModel(path);
await using networks = networksOn('cpu', model, {
  precision: precision as Precision,
  freeMemory: () => Number(free) * 1e9,
});
const random = new TorchGenerator(1);
const noise = (...shape: number[]): Tensor => ({ data: random.randn(shape.reduce((a, b) => a * b)), shape });
const context = noise(2, model.maxTokens, 768);

function run(width: number, height: number): Promise<unknown> {
  const latents = [model.latentChannels, height / model.downsampling, width / model.downsampling];
  if (network === 'unet') return networks.predictNoise(noise(2, ...latents), Float32Array.of(500, 500), context);
  if (network === 'decoder') return networks.decodeLatents(noise(1, ...latents));
  return networks.encodeImage(noise(1, 3, height, width));
}

for (const size of ['64', ...sizes]) {
  const [width, height = width] = size.split('x').map(Number);
  const before = anonymousMegabytes();
  await using peak = new PeakMemory();
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await run(width!, height!);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${network} ${precision} ${size}: held ${before.toFixed(0)} MB, peak ${peak.megabytes().toFixed(0)} MB, ` +
      `more ${(peak.megabytes() - before).toFixed(0)} MB; ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s CPU`,
  );
}
