import { defineConfig } from 'vitest/config';

/** `npm test` runs the quick suite; `npm run test:slow` the `*.slow.test.ts` files: full size, load, browser. */
const slow = process.env.EASEL_TESTS === 'slow';

export default defineConfig({
  test: {
    include: slow ? ['test/**/*.slow.test.ts'] : ['test/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    exclude: slow ? [] : ['test/**/*.slow.test.ts'],
    // Native sessions and a 3-second Discord clock share two cores: what measures time runs alone.
    maxWorkers: slow ? 1 : 2,
    pool: 'forks',
    testTimeout: slow ? 600_000 : 60_000,
    hookTimeout: slow ? 600_000 : 60_000,
  },
});
