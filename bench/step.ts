/**
 * One step, one decode and the memory they take: text encoder, UNet (batch 2: with and without words), decoder.
 *
 *   npm run build && node dist/bench/step.js model.ckpt [side in pixels] [steps]
 */
import { readFileSync } from 'node:fs';
import { openModel } from '../src/engine/checkpoint/open.js';
import type { Tensor } from '../src/engine/networks.js';
import { networksOn } from '../src/engine/runtime/open.js';
import { PeakMemory } from './memory.js';

const [path, side = '512', steps = '3'] = process.argv.slice(2);
if (!path) throw new Error('usage: step.js model.ckpt [side in pixels] [steps]');

const peak = new PeakMemory();
const status = (field: string) =>
  Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);

async function time<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(7);
  const busy = ((user + system) / 1e6).toFixed(2).padStart(7);
  console.log(
    `${what.padEnd(24)} ${seconds} s ${busy} s CPU   anonymous ${status('RssAnon')} MB, peak ${Math.round(peak.megabytes())} MB, with the mapped file ${status('VmRSS')} MB`,
  );
  return result;
}

function noise(...shape: number[]): Tensor {
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random() * 2 - 1), shape };
}

const model = await time('open', () => openModel(path));
const networks = networksOn('cpu', model);
const latent = Number(side) / model.downsampling;
const ids = Int32Array.from({ length: 2 * model.maxTokens }, (_, k) => k);
const context = await time('text encoder', () => networks.encodeText(ids, 2));
const latents = noise(2, model.latentChannels, latent, latent);
const channels = model.kind === 'weights' ? model.unet.inChannels : model.latentChannels;
const sample = channels === model.latentChannels ? latents : noise(2, channels, latent, latent);
for (let k = 0; k < Number(steps); k++) {
  await time(k === 0 ? 'UNet, loading' : 'UNet', () =>
    networks.predictNoise(sample, Float32Array.of(500, 500), context),
  );
}
await time('decoder, loading', () => networks.decodeLatents(noise(1, model.latentChannels, latent, latent)));
await time('decoder', () => networks.decodeLatents(noise(1, model.latentChannels, latent, latent)));
await networks.close();
await time('closed', async () => undefined);
await peak[Symbol.asyncDispose]();
