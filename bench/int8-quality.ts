/**
 * How near int8 comes to float32: the embedded model paints the same prompts from the same seeds with both.
 *
 *   npm run build && node dist/bench/int8-quality.js [prompts]
 */
import { EMBEDDED_MODEL, type Pixels, StableDiffusion } from '../src/engine/index.js';

const COLOURS = ['red', 'green', 'blue', 'yellow', 'purple', 'orange', 'white', 'black'];
const count = Number(process.argv[2] ?? 200);

/** Peak signal-to-noise ratio in dB. */
function psnr(a: Pixels, b: Pixels): number {
  const sum = a.data.reduce((total, value, i) => total + (value - b.data[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}

await using exact = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'full' });
await using fast = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'int8' });
const things = exact.model.card.knows!;
const pairs: { readonly ratio: number; readonly asked: string }[] = [];
const cpu = { exact: 0, fast: 0 };
for (let k = 0; k < count; k++) {
  const prompt = `a ${COLOURS[k % COLOURS.length]} ${things[(k * 37) % things.length]}`;
  const paint = async (sd: StableDiffusion, which: keyof typeof cpu) => {
    const before = process.cpuUsage();
    const [picture] = await sd.txt2img({ prompt, seed: k, steps: 20 });
    const { user, system } = process.cpuUsage(before);
    // The first one makes the sessions.
    if (k > 0) cpu[which] += (user + system) / 1e6;
    return picture!.pixels;
  };
  const ratio = psnr(await paint(exact, 'exact'), await paint(fast, 'fast'));
  pairs.push({ ratio, asked: `"${prompt}", seed ${k}` });
}
const sorted = pairs.toSorted((a, b) => a.ratio - b.ratio);
const mean = pairs.reduce((sum, { ratio }) => sum + ratio, 0) / pairs.length;
const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)]!.ratio.toFixed(1);
console.log(
  `PSNR over ${count} prompts: mean ${mean.toFixed(1)} dB, least ${at(0)}, 10th percentile ${at(0.1)}, median ${at(0.5)}`,
);
console.log(`CPU seconds of a picture: int8 ${(cpu.fast / cpu.exact).toFixed(2)} of float32`);
console.log('least alike:');
for (const { ratio, asked } of sorted.slice(0, 5)) console.log(`  ${ratio.toFixed(1)} dB ${asked}`);
