/**
 * What enlarging takes at full size, with random weights: seconds and the most memory for a picture of several sizes, cut
 * into tiles of several sides; and how far tiles are from one run of the whole, by the margin that is left out of each.
 *
 *   npm run build && node dist/bench/upscale.js x4plus|general 256 [tile | tile:margin ...]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openUpscaler } from '../src/engine/checkpoint/upscaler.js';
import { buildUpscaler } from '../src/engine/graph/upscaler.js';
import type { Tensor } from '../src/engine/networks.js';
import { TorchGenerator } from '../src/engine/random/torch.js';
import { openNetwork } from '../src/engine/runtime/network.js';
import { CUTTING, enlarge } from '../src/engine/upscaler/enlarge.js';
import { anonymousMegabytes, PeakMemory } from './memory.js';
import { GENERAL, writeRandomUpscaler, X4PLUS } from './random-upscaler.js';

const [kind = 'x4plus', side = '256', ...tiles] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'easel-upscale-'));
const path = join(folder, 'upscaler.safetensors');
writeRandomUpscaler(path, kind === 'x4plus' ? X4PLUS : GENERAL);
const { config, weights } = await openUpscaler(path);
await using opened = await openNetwork((form) => buildUpscaler(config, weights, form), {
  device: 'cpu',
  worker: false,
});
const network = {
  scale: config.scale,
  unit: config.unshuffle,
  run: async (picture: Tensor) => Object.values(await opened.run({ picture }))[0]!,
};
const [width, height] = side.split('x').map(Number) as [number, number?];
const size = { width, height: height ?? width };
const noise = new TorchGenerator(1).randn(size.width * size.height * 3);
const picture = { ...size, data: Uint8Array.from(noise, (value) => Math.min(255, Math.max(0, 128 + 50 * value))) };

const whole = tiles.some((each) => each.includes(':'))
  ? await enlarge(network, picture, async () => {}, { tile: Math.max(size.width, size.height), margin: 0 })
  : undefined;
for (const each of tiles.length > 0 ? tiles : ['128']) {
  const [tile, margin = CUTTING.margin] = each.split(':').map(Number) as [number, number?];
  const before = anonymousMegabytes();
  await using peak = new PeakMemory();
  const started = performance.now();
  const large = (await enlarge(network, picture, async () => {}, { tile, margin }))!;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${kind} ${size.width}x${size.height} to ${large.width}x${large.height}, tiles of ${tile}, margin ${margin}: ` +
      `held before ${before.toFixed(0)} MB, peak ${peak.megabytes().toFixed(0)} MB, ` +
      `RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB at most; ${seconds.toFixed(1)} s`,
  );
  if (whole) {
    const off = large.data.map((value, k) => Math.abs(value - whole.data[k]!)).toSorted();
    const share = off.findIndex((value) => value > 1);
    const beyond = share < 0 ? 0 : 1 - share / off.length;
    console.log(`  ${off.at(-1)} of 255 off at most, ${(100 * beyond).toFixed(3)} % of the numbers by more than 1`);
  }
}
rmSync(folder, { recursive: true });
