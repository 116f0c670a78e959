/**
 * What the shortcuts cost and gain: the embedded model paints the same prompts from the same seeds exactly and with each.
 *
 *   npm run build && node dist/bench/speed-quality.js [prompts] [steps] [sampler] [scale] [grid.png]
 */
import { writeFile } from 'node:fs/promises';
import {
  EMBEDDED_MODEL,
  encodePng,
  grid,
  type Pixels,
  type SamplerName,
  StableDiffusion,
} from '../src/engine/index.js';
import type { SpeedRequest } from '../src/engine/pipeline/speed.js';

const COLOURS = ['red', 'green', 'blue', 'yellow', 'purple', 'orange', 'white', 'black'];
const [count, steps] = [Number(process.argv[2] ?? 60), Number(process.argv[3] ?? 20)];
const sampler = (process.argv[4] ?? 'ddim') as SamplerName;
const scale = process.argv[5] ? Number(process.argv[5]) : undefined;

const WAYS: Readonly<Record<string, SpeedRequest>> = {
  exact: {},
  fast: { speed: 'fast' },
  fastest: { speed: 'fastest' },
  'cache 4': { cacheInterval: 4 },
  'guided 0.3-100': { guidanceInterval: [0.3, 100] },
  'guided 0.3-5.4': { guidanceInterval: [0.3, 5.4] },
  'kv, small too': { kvSubsampling: true },
};

/** Peak signal-to-noise ratio in dB. */
function psnr(a: Pixels, b: Pixels): number {
  const sum = a.data.reduce((total, value, i) => total + (value - b.data[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}

await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'full', threads: 1 });
const things = sd.model.card.knows!;
const painted = new Map(Object.keys(WAYS).map((way) => [way, { pictures: [] as Pixels[], seconds: 0 }]));
for (let k = -1; k < count; k++) {
  const prompt = `a ${COLOURS[(k + 8) % 8]} ${things[((k + 1) * 37) % things.length]}`;
  for (const [way, options] of Object.entries(WAYS)) {
    const before = process.cpuUsage();
    const [picture] = await sd.txt2img({ prompt, seed: k + 1, steps, sampler, scale, ...options });
    const { user, system } = process.cpuUsage(before);
    // The first of each makes the sessions.
    if (k < 0) continue;
    painted.get(way)!.pictures.push(picture!.pixels);
    painted.get(way)!.seconds += (user + system) / 1e6;
  }
}
const exact = painted.get('exact')!;
console.log(`${sampler}, ${steps} steps, ${count} prompts; of exact:`);
for (const [way, { pictures, seconds }] of painted) {
  if (way === 'exact') continue;
  const sorted = pictures.map((picture, k) => psnr(picture, exact.pictures[k]!)).toSorted((a, b) => a - b);
  const mean = sorted.reduce((sum, ratio) => sum + ratio, 0) / count;
  const at = (part: number) => sorted[Math.floor((count - 1) * part)]!.toFixed(1);
  const share = (seconds / exact.seconds).toFixed(2);
  console.log(
    `  ${way}: CPU ${share}, PSNR mean ${mean.toFixed(1)}, median ${at(0.5)}, 10th percentile ${at(0.1)}, least ${at(0)}`,
  );
}
const file = process.argv[6];
if (file) {
  const rows = [...painted.values()].flatMap(({ pictures }) => pictures.slice(0, 10));
  await writeFile(file, await encodePng(grid(rows, Math.min(count, 10))));
}
