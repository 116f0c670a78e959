import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** `npm test` runs the quick suite; `npm run test:slow` the `*.slow.test.ts` files: full size, load, browser. */
const slow = process.env.EASEL_TESTS === 'slow';

/** What has more cases with all of the reference's numbers: run again by the slow suite, where these lie beside the repository. */
const WHOLE_ORACLE = [
  'test/engine/checkpoint/{containers,diffusers,tokenizer-folder}.test.ts',
  'test/engine/graph/{controlnet,parity,safety-checker}.test.ts',
  'test/engine/image/{resize,watermark}.test.ts',
  'test/engine/pipeline/{control,goldens}.test.ts',
  'test/engine/safety/checker.test.ts',
  'test/engine/samplers/ddim.test.ts',
  'test/engine/upscaler/upscaler.test.ts',
];
const again = existsSync('../shared/oracle') ? WHOLE_ORACLE : [];

/** What measures time, or takes gigabytes or both cores by itself, runs alone: after the others, one file at a time. */
const ALONE = [
  'test/bot/e2e/load.slow.test.ts',
  'test/engine/{graph,int8}/full-size.slow.test.ts',
  // Packing compiles what other tests run.
  'test/deploy/packages.slow.test.ts',
  'test/**/webgpu.slow.test.ts',
];

/** What takes longest begins first, so that no worker waits for another at the end. */
class LongestFirst extends BaseSequencer {
  static readonly #longest =
    /(e2e\/(chaos|memory|standby-frozen|hostile-texts)|remote\/crowd|page\/(page|keyboard)|bench\/main|cli\/scripts)\.slow/;

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => Number(!LongestFirst.#longest.test(moduleId));
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const COMMON = {
  // Whoever runs the tests has a cache of their own.
  env: { EASEL_CACHE: join(tmpdir(), 'easel-test-cache') },
  pool: 'forks' as const,
  testTimeout: slow ? 600_000 : 300_000,
  hookTimeout: slow ? 600_000 : 300_000,
  // Vitest's own is a second: what is waited for comes when it comes, on a machine that does much else.
  expect: { poll: { timeout: 60_000 } },
};

/** Where no test leaves anything behind, a worker need not load the engine, or the bot, again for each file: a third of a second. */
const ENGINE = ['test/engine/**/*.test.ts'];
const TOGETHER = [
  'test/{discord,docs,page}/**/*.test.ts',
  'test/bot/{delivery,gateway,intake,interactions,layout,models,ops,queue,request,rules,stats,storage,text,words}/**/*.test.ts',
];
const SLOW_FILES = 'test/**/*.slow.test.ts';
const QUICK = [
  { name: 'engine', include: ENGINE, exclude: [SLOW_FILES], isolate: false },
  { name: 'together', include: TOGETHER, exclude: [SLOW_FILES], isolate: false },
  { name: 'quick', include: ['test/**/*.test.ts'], exclude: [SLOW_FILES, ...ENGINE, ...TOGETHER] },
];

/** One after the other, each with as many workers. */
const SLOW = [
  { name: 'slow', include: [SLOW_FILES, ...again], exclude: ALONE, maxWorkers: 2 },
  { name: 'alone', include: ALONE, maxWorkers: 1 },
];

export default defineConfig({
  test: {
    globalSetup: 'test/build.ts',
    sequence: { sequencer: LongestFirst },
    projects: slow
      ? SLOW.map((test, groupOrder) => ({ test: { ...COMMON, ...test, sequence: { groupOrder } } }))
      : QUICK.map((test) => ({ test: { ...COMMON, ...test, maxWorkers: 2 } })),
  },
});
