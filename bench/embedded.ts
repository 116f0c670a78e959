/**
 * The embedded model against diffusers on the same folder, on this machine, in one run: seconds a step, a picture and a
 * grid of four, and peak memory. The two take turns, so that a machine that speeds up or slows down does so for both.
 *
 *   node dist/bench/embedded.js [path of a Python with torch and diffusers]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StableDiffusion } from '../src/engine/index.js';
import { packageRoot } from '../src/engine/package-root.js';

const ROUNDS = 3;
const STEPS = 20;
const model = join(packageRoot, 'models/easel-128');

interface Measurement {
  /** Seconds: opening the model and painting the first picture; one picture; four pictures. */
  first: number;
  one: number;
  four: number;
  /** Peak resident memory, MB. */
  memory: number;
}

/** Runs in a process of its own: peak memory is a process's. */
async function measureEasel(): Promise<Measurement> {
  const started = performance.now();
  const sd = await StableDiffusion.open(model);
  const paint = async (count: number) => {
    const from = performance.now();
    await sd.txt2img({ prompt: 'a red apple', count, steps: STEPS, scale: 4, sampler: 'ddim', seed: 1 });
    return (performance.now() - from) / 1000;
  };
  await paint(1);
  const first = (performance.now() - started) / 1000;
  const [one, four] = [await paint(1), await paint(4)];
  await sd.close();
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return { first, one, four, memory: Number(peak?.[1] ?? 0) / 1024 };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

if (process.argv[2] === '--measure') {
  console.log(JSON.stringify(await measureEasel()));
} else {
  const python = process.argv[2];
  const run = (command: string, args: string[]): Measurement =>
    JSON.parse(
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
        .trim()
        .split('\n')
        .at(-1)!,
    );
  const easel: Measurement[] = [];
  const diffusers: Measurement[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    easel.push(run(process.execPath, [process.argv[1]!, '--measure']));
    if (python) diffusers.push(run(python, [join(packageRoot, 'bench/embedded_diffusers.py'), model, String(STEPS)]));
  }
  const row = (name: string, of: (m: Measurement) => number, digits = 2) => {
    const [a, b] = [median(easel.map(of)), diffusers.length > 0 ? median(diffusers.map(of)) : Number.NaN];
    console.log(`| ${name} | ${a.toFixed(digits)} | ${b.toFixed(digits)} | ${(a / b).toFixed(2)} |`);
  };
  console.log('| median of three, taking turns | Easel | diffusers | ratio |\n|---|---|---|---|');
  row('open and first picture, s', (m) => m.first);
  row(`one picture, ${STEPS} DDIM steps, s`, (m) => m.one);
  row('a step, s', (m) => m.one / STEPS, 3);
  row('a grid of four, s', (m) => m.four);
  row('peak resident memory, MB', (m) => m.memory, 0);
}
