import { spawnSync } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL, StableDiffusion } from '../../../src/engine/index.js';
import { compiledFile } from '../../../src/engine/package-root.js';

/** A program that uses the library as it is built. */
function run(program: string, flags: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const library = pathToFileURL(compiledFile('index.js'));
  const opened = `const sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', threads: 1 });`;
  const whole = `import { EMBEDDED_MODEL, StableDiffusion } from '${library}';\n${program.replace('OPENED', opened)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', whole], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

describe('a program that paints in a thread', () => {
  test.each([
    ['ends by itself, though a model is open', 'OPENED', 0],
    ['and after a picture', `OPENED; await sd.txt2img({ prompt: 'a house', steps: 1, width: 64, height: 64 });`, 0],
    ['exits as it wants while a thread starts', 'OPENED; process.exit(3);', 3],
    [
      'exits as it wants in the middle of a step',
      `OPENED; sd.txt2img({ prompt: 'a house' }, { onProgress: ({ step }) => step === 2 && setTimeout(() => process.exit(3), 5) });`,
      3,
    ],
    [
      'fails as it would in the middle of a step',
      `OPENED; sd.txt2img({ prompt: 'a house' }, { onProgress: ({ step }) => step === 2 && setTimeout(() => { throw new Error('mine'); }, 5) });`,
      1,
    ],
  ])('%s', (_, program, status) => {
    const ended = run(program);
    expect([ended.status, ended.stderr.includes('Napi')]).toEqual([status, false]);
  });

  test('is held up for less than half a step at 512x512', async () => {
    await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
    await sd.warm();
    const delays = monitorEventLoopDelay({ resolution: 5 });
    const seconds: number[] = [];
    await sd.txt2img(
      { prompt: 'a house', width: 512, height: 512, steps: 4, seed: 1 },
      {
        onProgress: ({ step, secondsPerStep }) => {
          if (secondsPerStep !== null) seconds.push(secondsPerStep);
          // The first makes compilers work.
          if (step === 1) delays.enable();
        },
      },
    );
    delays.disable();
    expect(delays.max / 1e9).toBeLessThan(seconds.at(-1)! / 2);
  });
});

/**
 * What glibc has free goes back to the system (mallopt(3)). By its defaults it keeps up to a fifth of such a process, more after
 * one opening than after another, so that what is in use cannot be told from what was.
 */
const RETURNED = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

test('a hundred pictures and twenty openings hold the memory', () => {
  const { stdout, stderr } = run(
    `
      const request = { prompt: 'a red apple', steps: 1, width: 64, height: 64, seed: 1 };
      const megabytes = () => (gc(), process.memoryUsage.rss() / 2 ** 20);
      const open = () => StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', threads: 1 });
      const sd = await open();
      const pictures = [];
      for (let k = 0; k < 130; k++) {
        await sd.txt2img({ ...request, prompt: request.prompt + k });
        // The first fill caches, and both threads' heaps, of which this one's alone can be collected here.
        if ((k >= 25 && k < 30) || k >= 125) pictures.push(megabytes());
      }
      await sd.close();
      const openings = [];
      for (let k = 0; k < 22; k++) {
        const again = await open();
        await again.txt2img(request);
        openings.push(megabytes());
        await again.close();
      }
      console.log(JSON.stringify({ pictures, openings }));
    `,
    ['--expose-gc'],
    RETURNED,
  );
  expect(stderr).toBe('');
  const { pictures, openings } = JSON.parse(stdout) as Record<'pictures' | 'openings', number[]>;
  // The least of five: what is still to be freed only adds.
  const growth = (values: number[]) => Math.min(...values.slice(-5)) / Math.min(...values.slice(0, 5));
  expect(growth(pictures)).toBeLessThan(1.1);
  expect(growth(openings.slice(2))).toBeLessThan(1.1);
});
