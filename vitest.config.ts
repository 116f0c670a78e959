import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** `npm test` runs the quick suite; `npm run test:slow` the `*.slow.test.ts` files: full size, load, browser. */
const slow = process.env.EASEL_TESTS === 'slow';

/** What reads the reference's numbers: run again by the slow suite on all of them, where they lie beside the repository. */
const WHOLE_ORACLE = [
  'test/engine/checkpoint/{compvis,containers,diffusers,tokenizer-folder}.test.ts',
  'test/engine/graph/{parity,safety-checker,tiny-autoencoder}.test.ts',
  'test/engine/image/{resize,watermark}.test.ts',
  'test/engine/pipeline/goldens.test.ts',
  'test/engine/safety/checker.test.ts',
  'test/engine/samplers/{ddim,plms,goldens}.test.ts',
];
const again = existsSync('../shared/oracle') ? WHOLE_ORACLE : [];

export default defineConfig({
  test: {
    include: slow ? ['test/**/*.slow.test.ts', ...again] : ['test/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    // Whoever runs the tests has a cache of their own.
    env: { EASEL_CACHE: join(tmpdir(), 'easel-test-cache') },
    exclude: slow ? [] : ['test/**/*.slow.test.ts'],
    // Native sessions and a 3-second Discord clock share two cores: what measures time runs alone.
    maxWorkers: slow ? 1 : 2,
    pool: 'forks',
    testTimeout: slow ? 600_000 : 300_000,
    hookTimeout: slow ? 600_000 : 300_000,
    // Vitest's own is a second: what is waited for comes when it comes, on a machine that does much else.
    expect: { poll: { timeout: 60_000 } },
  },
});
