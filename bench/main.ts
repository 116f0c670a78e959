/**
 * What Easel costs on this machine, beside others: writes bench/RESULTS.md, bench/chart.svg and bench/growth.svg after each
 * part, so that a run that is stopped leaves what it has.
 *
 *   npm run bench                   everything, in under half an hour; needs 7 GB of disk and 8 GB of memory
 *   npm run bench -- --quick        one round of each, in a few minutes
 *   npm run bench -- --small        small networks, in seconds: does all of it run?
 *   npm run bench -- --out FOLDER   writes there
 *
 * EASEL_PYTHON names a Python for the others: `pip install torch diffusers transformers openvino stable-diffusion-cpp-python`.
 * One that is not installed gets a row that says so.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TorchGenerator } from '../src/engine/random/torch.js';
import { packageRoot } from '../src/package-root.js';
import { barChart, lineChart } from './chart.js';
import { compare } from './compare.js';
import { embedded } from './embedded.js';
import { describeMachine, ownVersions } from './machine.js';
import { grow, type Points, paintRecipes } from './paint.js';
import { writeRandomFolder } from './random-folder.js';
import { SD1, SMALL } from './random-model.js';
import { MARKER, report } from './report.js';
import type { Results } from './results.js';
import { RECIPES, ROWS } from './rows.js';
import type { Place } from './start-peer.js';

/** What would begin after this many minutes is left out, and said. */
const LAST_START = 26;
/** Numbers that the inputs of steps and decodes are taken from. */
const NUMBERS = 2_000_000;

/** Of pictures in short runs. */
const FEW_STEPS = 4;

const POINTS: Points = {
  side: [512, 256, 384, 768, 1024],
  pictures: [1, 2, 4],
  tokens: [77, 154, 231],
  steps: [1, 2, 4, 8],
};
const FEW_POINTS: Points = { side: [512, 256], pictures: [1, 2], tokens: [77, 154], steps: [1, 2] };
const SMALL_POINTS: Points = { ...FEW_POINTS, side: [128, 64] };

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, small: { type: 'boolean' }, out: { type: 'string' } },
});
const { quick, small } = options;
const out = options.out ?? join(packageRoot, 'bench');
const few = quick || small;
const rounds = few ? 1 : 3;
const started = performance.now();
const minutes = () => (performance.now() - started) / 60_000;
const say = (text: string) => console.log(`${minutes().toFixed(1).padStart(5)} min  ${text}`);
const late = () => minutes() > LAST_START;

const results: Results = {
  machine: describeMachine(),
  versions: new Set(ownVersions()),
  command: ['npm run bench', ...(quick ? ['-- --quick'] : small ? ['-- --small'] : [])].join(' '),
  side: small ? 128 : 512,
  embedded: [],
  compared: [],
  painted: [],
  grown: [],
  leftOut: [],
  finished: false,
};

const folder = mkdtempSync(join(tmpdir(), 'easel-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

say(`weights at random in ${folder}`);
const noise = join(folder, 'noise.f32');
writeFileSync(noise, new Uint8Array(new TorchGenerator(42).randn(NUMBERS).buffer));
const written = writeRandomFolder(folder, small ? SMALL : SD1);
const place: Place = {
  ...written,
  noise,
  scratch: folder,
  cache: join(folder, 'cache'),
  python: process.env.EASEL_PYTHON || undefined,
};

await part('the model that ships', () => embedded(place, results, { rounds, say }));
await part('full size, in turn', () =>
  compare(quick ? ROWS.filter(({ once }) => !once) : ROWS, place, results, { rounds, say, late }),
);
await part('whole pictures', () =>
  // Long pictures are for the whole run.
  paintRecipes(
    quick ? RECIPES.filter(({ easel }) => (easel?.request?.steps ?? 1) <= FEW_STEPS) : RECIPES,
    place,
    results,
    { rounds, say, late, ...(small && { steps: FEW_STEPS }) },
  ),
);
await part('how cost grows', () =>
  grow(small ? SMALL_POINTS : quick ? FEW_POINTS : POINTS, place, results, { say, late }),
);
results.finished = true;
write();
say(`done: ${join(out, 'RESULTS.md')}`);

/** A part that fails does not take the others with it. */
async function part(name: string, work: () => Promise<void>): Promise<void> {
  say(`== ${name}`);
  try {
    await work();
  } catch (error) {
    say(`${name}: ${(error as Error).stack}`);
    results.leftOut.push(`${name}: ${(error as Error).message}`);
  }
  write();
}

function write(): void {
  mkdirSync(out, { recursive: true });
  const file = join(out, 'RESULTS.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const byHand = before.includes(MARKER) ? before.slice(before.indexOf(MARKER)) : `${MARKER}\n`;
  writeFileSync(file, `${report(results)}\n\n${byHand}`);
  if (results.compared.length > 0) writeFileSync(join(out, 'chart.svg'), barChart(results));
  if (results.grown.length > 0) writeFileSync(join(out, 'growth.svg'), lineChart(results));
}
