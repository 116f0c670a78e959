/**
 * How near int8 comes to float32: the embedded model paints the same prompts from the same seeds with both.
 *
 *   npm run build && node dist/bench/int8-quality.js [prompts]
 *   node dist/bench/int8-quality.js --questions FILE [--out FOLDER]
 *
 * The second paints the questions of training/measure/evaluate.py (--ask) and leaves the pictures for it to judge (--painted):
 * FOLDER/exact.rgb and FOLDER/int8.rgb.
 */
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EMBEDDED_MODEL, type Pixels, StableDiffusion } from '../src/engine/index.js';

const COLOURS = ['red', 'green', 'blue', 'yellow', 'purple', 'orange', 'white', 'black'];
const { values: options, positionals } = parseArgs({
  options: { questions: { type: 'string' }, out: { type: 'string', default: '.' } },
  allowPositionals: true,
});

/** Peak signal-to-noise ratio in dB. */
function psnr(a: Pixels, b: Pixels): number {
  const sum = a.data.reduce((total, value, i) => total + (value - b.data[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}

await using exact = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'full' });
await using fast = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'int8' });
const things = exact.model.card.knows!;
const questions: readonly { prompt: string; seed: number }[] = options.questions
  ? JSON.parse(readFileSync(options.questions, 'utf8'))
  : Array.from({ length: Number(positionals[0] ?? 200) }, (_, k) => ({
      prompt: `a ${COLOURS[k % COLOURS.length]} ${things[(k * 37) % things.length]}`,
      seed: k,
    }));
const count = questions.length;
const kept = options.questions
  ? (['exact', 'int8'] as const).map((name) => createWriteStream(join(options.out, `${name}.rgb`)))
  : [];
const pairs: { readonly ratio: number; readonly asked: string }[] = [];
const cpu = { exact: 0, fast: 0 };
for (const [k, { prompt, seed }] of questions.entries()) {
  const paint = async (sd: StableDiffusion, which: keyof typeof cpu) => {
    const before = process.cpuUsage();
    const [picture] = await sd.txt2img({ prompt, seed, steps: 20 });
    const { user, system } = process.cpuUsage(before);
    // The first one makes the sessions.
    if (k > 0) cpu[which] += (user + system) / 1e6;
    return picture!.pixels;
  };
  const both = [await paint(exact, 'exact'), await paint(fast, 'fast')] as const;
  for (const [which, file] of kept.entries()) file.write(both[which]!.data);
  pairs.push({ ratio: psnr(...both), asked: `"${prompt}", seed ${seed}` });
}
const sorted = pairs.toSorted((a, b) => a.ratio - b.ratio);
const mean = pairs.reduce((sum, { ratio }) => sum + ratio, 0) / pairs.length;
const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)]!.ratio.toFixed(1);
console.log(
  `PSNR over ${count} prompts: mean ${mean.toFixed(1)} dB, least ${at(0)}, 10th percentile ${at(0.1)}, median ${at(0.5)}`,
);
console.log(`CPU seconds of a picture: int8 ${(cpu.fast / cpu.exact).toFixed(2)} of float32`);
for (const file of kept) file.end();
console.log('least alike:');
for (const { ratio, asked } of sorted.slice(0, 5)) console.log(`  ${ratio.toFixed(1)} dB ${asked}`);
