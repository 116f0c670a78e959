/**
 * How long a program that paints through the library is held up, and what a thread for the networks costs:
 * `node dist/bench/event-loop.js MODEL [side] [steps] [rounds] [precision]`. With the thread and without it take turns.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Precision, StableDiffusion } from '../src/engine/index.js';

const [path, ...numbers] = process.argv.slice(2, 6);
const precision = (process.argv[6] ?? 'autocast') as Precision;
if (!path) throw new Error('Which model?');
const [side = 512, steps = 8, rounds = 3] = numbers.map(Number);

interface Round {
  readonly worker: boolean;
  /** Seconds of a step: of all cores together, and on the clock. */
  readonly cpu: number;
  readonly wall: number;
  /** Milliseconds that the event loop was late. */
  readonly late: { readonly p50: number; readonly p99: number; readonly max: number };
}

async function paint(worker: boolean): Promise<Round> {
  await using sd = await StableDiffusion.open(path!, { device: 'cpu', worker, precision });
  await sd.warm();
  const ends: { cpu: number; wall: number }[] = [];
  const now = () => {
    const { user, system } = process.cpuUsage();
    return { cpu: (user + system) / 1e6, wall: performance.now() / 1000 };
  };
  const request = { prompt: 'a lighthouse', width: side, height: side, steps, seed: 1 };
  await sd.txt2img(request, {
    onProgress: ({ step }) => {
      ends[step] ??= now();
    },
  });
  // Watching takes time of its own.
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await sd.txt2img(request);
  delays.disable();
  // The first step warms up.
  const [first, last] = [ends[1]!, ends[steps]!];
  const each = (what: 'cpu' | 'wall') => (last[what] - first[what]) / (steps - 1);
  const late = (percent: number) => delays.percentile(percent) / 1e6;
  return {
    worker,
    cpu: each('cpu'),
    wall: each('wall'),
    late: { p50: late(50), p99: late(99), max: delays.max / 1e6 },
  };
}

const all: Round[] = [];
for (let round = 0; round < rounds; round++) {
  for (const worker of [true, false]) {
    const one = await paint(worker);
    all.push(one);
    const { cpu, wall, late } = one;
    const delays = `late by ${late.p50.toFixed(1)} ms (median), ${late.p99.toFixed(1)} (p99), ${late.max.toFixed(0)} (most)`;
    console.log(`${worker ? 'thread' : 'none  '}: step ${cpu.toFixed(3)} s CPU, ${wall.toFixed(3)} s wall; ${delays}`);
  }
}
const median = (worker: boolean, what: 'cpu' | 'wall') => {
  const values = all.filter((one) => one.worker === worker).map((one) => one[what]);
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
};
for (const what of ['cpu', 'wall'] as const) {
  console.log(`${what}: with a thread ${(median(true, what) / median(false, what)).toFixed(3)} of without`);
}
