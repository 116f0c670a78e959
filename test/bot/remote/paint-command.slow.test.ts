import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { offeredModels } from '../../../src/bot/models/models.js';
import { digestsOf } from '../../../src/bot/remote/digests.js';
import { ownFit } from '../../../src/bot/remote/open.js';
import { readMetadata } from '../../../src/engine/index.js';
import { packageRoot } from '../../../src/package-root.js';
import { aJob } from '../request.js';
import { Bench, FAST, kinds, Talker } from './harness.js';
import { OwnRedis } from './redis.js';

// `easel paint` itself, with the model that ships.

const EASEL = join(packageRoot, 'dist/src/cli/main.js');
const MODELS_DIR = join(packageRoot, 'models');

function paints(bench: Bench, words: readonly string[], env: NodeJS.ProcessEnv = {}): Talker {
  const folder = bench.folder();
  const own = { DATA_DIR: folder, EASEL_CACHE: folder, DEVICE: 'cpu', THREADS: '1', DISCORD_TOKEN: '', PAINTERS: '' };
  return new Talker(EASEL, ['paint', ...words], { ...own, ...env });
}

async function realBot(bench: Bench, url: string) {
  const models = await offeredModels(MODELS_DIR, true, () => {});
  const paths = new Map([...models.values()].map(({ name, path }) => [name, path]));
  const digests = await digestsOf(paths, bench.folder());
  return bench.bot(url, { times: { ...FAST, lock: 60_000 }, fit: ownFit({ safetyChecker: true }), models, digests });
}

test('easel paint paints for a bot elsewhere, from words and from pictures, without an account at Discord', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await realBot(bench, redis.url);
  await using painter = paints(bench, ['--slots', '2'], { PAINTERS: redis.url });
  await painter.said(/painting for a bot on another machine/);
  const plain = async (background: string, width: number) =>
    bot.pictures.put(
      await sharp({ create: { width, height: 64, channels: 3, background } })
        .png()
        .toBuffer(),
    );
  const [key, blue] = [await plain('red', 90), await plain('blue', 200)];
  const words = aJob({}, { steps: 2, count: 2 });
  const picture = aJob({}, { kind: 'img2img', source: key, strength: 0.1, steps: 10 });
  await bot.jobs.submit(words);
  await bot.jobs.submit(picture);
  const both = { source: key, others: [blue], weights: [1, 3], strength: 0 };
  const blend = aJob({}, { kind: 'blend', ...both, steps: 2 });
  await bot.jobs.submit(blend);
  await expect.poll(() => kinds(bot)).toEqual(['painted', 'painted', 'painted']);
  const of = (id: string) => {
    const { outcome } = bot.delivered.find((one) => one.id === id)!;
    if (outcome.kind !== 'painted') throw new Error('not painted');
    return outcome;
  };
  const [first, second, third] = [of(words.id), of(picture.id), of(blend.id)];
  expect(first.pictures).toHaveLength(2);
  expect(await readMetadata(first.pictures[0]!.png!)).toMatchObject({ prompt: words.request.prompt });
  // Nearly red still: the pixels came whole, and in the order of the colours.
  const { channels } = await sharp(second.pictures[0]!.png!).stats();
  expect(channels[0]!.mean).toBeGreaterThan(channels[2]!.mean + 100);
  // Both pictures of the blend, and their weights.
  const mixed = (await sharp(third.pictures[0]!.png!).stats()).channels.map(({ mean }) => mean);
  expect(mixed[2]).toBeGreaterThan(mixed[0]! + 20);
  expect(mixed[0]).toBeGreaterThan(mixed[1]! + 10);
  await painter.kill('SIGTERM');
  expect(painter.exitCode).toBe(0);
});

test.each([
  ['no address', [], {}, /^easel: Say which bot to paint for: easel paint --queue redis/],
  ['an address of something else', ['--queue', 'http://user:hush@host'], {}, /^easel: PAINTERS is not valid/],
  ['a device that does not exist', ['--queue', 'redis://x', '--device', 'gpu7'], {}, /^easel: DEVICE is "gpu7"/],
  ['no models', ['--queue', 'redis://x', '--models', '/'], { SAFETY_CHECKER: 'on' }, /^easel: There is no model in \//],
])('easel paint with %s says what is wrong, without secrets', async (_, words, env, message) => {
  await using bench = new Bench();
  await using painter = paints(bench, words, env);
  await painter.ended();
  expect(painter.exitCode).toBe(1);
  expect(painter.errors).toMatch(message);
  expect(painter.errors + painter.lines.join('')).not.toMatch(/hush/);
});
