import { FairQueue } from '../src/bot/queue/fair-queue.js';
import { fullFor } from '../src/bot/queue/places.js';
import type { PaintRequest } from '../src/bot/request/paint-request.js';
import { GREEDY, OTHERS, seeded, simulateCrowd } from './crowd.js';
import { simulatePainters } from './several-painters.js';

// How long jobs wait when a few guilds ask for far more than the rest: `node dist/bench/fairness.js`. A simulation of the
// queue that the bot runs, beside a plain first-come-first-served line under the same load; time is simulated.

const GUILDS = 40;
const HOURS = 8;
/** Pixels x steps a second: a 512x512 picture of 30 steps takes 4 s. */
const SPEED = (512 * 512 * 30) / 4;
/** Of the painter's time that is asked for: above 1 nobody could keep up. */
const LOAD = 0.97;

interface Arrival {
  readonly id: string;
  readonly guild: string;
  readonly user: string;
  readonly work: number;
  /** Seconds. */
  readonly at: number;
}

interface Line {
  enter(arrival: Arrival): void;
  next(): Arrival | undefined;
}

/** Guild k asks in proportion to 1 / (k + 1)^1.2 (Zipf), in bursts; every third guild likes large pictures. */
function arrivals(random: () => number): Arrival[] {
  const shares = Array.from({ length: GUILDS }, (_, k) => 1 / (k + 1) ** 1.2);
  const total = shares.reduce((sum, share) => sum + share);
  const found: Arrival[] = [];
  for (const [k, share] of shares.entries()) {
    const size: Pick<PaintRequest, 'width' | 'steps' | 'count'> =
      k % 3 === 0 ? { width: 768, steps: 50, count: 4 } : { width: 512, steps: 30, count: 1 };
    const work = size.width ** 2 * size.steps * size.count;
    const burst = k === 0 ? 100 : 1 + (k % 4);
    const between = (burst * work) / ((SPEED * LOAD * share) / total);
    for (let at = -Math.log(1 - random()) * between; at < HOURS * 3600; at += -Math.log(1 - random()) * between) {
      for (let n = 0; n < burst; n++) {
        const user = `${k}/${Math.floor(random() * 5)}`;
        found.push({ id: `${found.length}`, guild: `${k}`, user, work, at: at + n });
      }
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** @returns seconds from request to start, by guild. */
function simulate(load: readonly Arrival[], line: Line): Map<string, number[]> {
  const waits = new Map<string, number[]>();
  const coming = [...load];
  for (let now = 0; ; ) {
    while (coming[0] && coming[0].at <= now) line.enter(coming.shift()!);
    const job = line.next();
    if (!job && !coming[0]) return waits;
    if (!job) {
      now = coming[0]!.at;
      continue;
    }
    waits.set(job.guild, [...(waits.get(job.guild) ?? []), now - job.at]);
    now += job.work / SPEED;
  }
}

function fairLine(): Line {
  const fair = new FairQueue();
  const waiting = new Map<string, Arrival>();
  return {
    enter(arrival) {
      waiting.set(arrival.id, arrival);
      fair.add(arrival);
    },
    next: () => waiting.get(fair.take() ?? ''),
  };
}

function plainLine(): Line {
  const jobs: Arrival[] = [];
  return { enter: (arrival) => void jobs.push(arrival), next: () => jobs.shift() };
}

const quantile = (values: readonly number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!;
const seconds = (value: number) => `${value.toFixed(0)} s`.padStart(9);

const load = arrivals(seeded(1));
const fair = simulate(load, fairLine());
const plain = simulate(load, plainLine());
const longest = Math.max(...load.map(({ work }) => work)) / SPEED;
console.log(
  `${load.length} jobs of ${GUILDS} guilds in ${HOURS} h, load ${LOAD}; the longest job takes${seconds(longest)}.`,
);
console.log('Waiting from request to start:');
console.log('guild    jobs  | fair: median       p90       max | first come: median   p90       max');
const rows: [string, (guild: number) => boolean][] = [
  ['0', (guild) => guild === 0],
  ['1', (guild) => guild === 1],
  ['2', (guild) => guild === 2],
  ['3-9', (guild) => guild >= 3 && guild < 10],
  ['10-39', (guild) => guild >= 10],
];
for (const [name, belongs] of rows) {
  const of = (waits: Map<string, number[]>) =>
    [...waits].flatMap(([guild, all]) => (belongs(Number(guild)) ? all : []));
  const columns = [fair, plain].map((waits) => [0.5, 0.9, 1].map((q) => seconds(quantile(of(waits), q))).join(' '));
  console.log(`${name.padEnd(6)} ${String(of(fair).length).padStart(6)}  |    ${columns.join(' |      ')}`);
}

const crowd = simulateCrowd(fullFor, seeded(1));
console.log(`One guild where ${GREEDY} members fill all places and ${OTHERS} ask now and then:`);
console.log(
  `of ${crowd.asked} requests of the ${OTHERS}, ${crowd.refused} were refused; most that waited: ${crowd.longest}.`,
);
console.log(`They waited${[0.5, 0.9, 1].map((q) => seconds(quantile(crowd.waits, q))).join('')} (median, p90, max).`);

console.log(
  'Two guilds that always ask for more, one for large pictures and one for small, and painters of different pace:',
);
console.log('painters | share of the work | furthest behind, in large jobs');
for (const painters of [1, 2, 4, 8]) {
  const { share, lag } = await simulatePainters(painters, 2000, seeded(1));
  const both = `${(100 * share).toFixed(1)} % / ${(100 * (1 - share)).toFixed(1)} %`;
  console.log(`${String(painters).padStart(8)} | ${both.padEnd(17)} | ${lag.toFixed(1)}`);
}
