import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { aJob } from '../request.js';
import { BadNetwork } from './bad-network.js';
import { Bench, FAST } from './harness.js';
import { OwnRedis } from './redis.js';

const BREAKS: [string, (network: BadNetwork) => void][] = [
  ['loses what is sent to Redis', (network) => network.drop('there')],
  ['loses what Redis answers', (network) => network.drop('back')],
  ['loses both', (network) => network.drop('there', 'back')],
  ['is half closed towards Redis', (network) => network.halfClose('there')],
  ['is half closed from Redis', (network) => network.halfClose('back')],
  ['takes a quarter of a second', (network) => network.delay(250)],
  ['is cut', (network) => network.cut()],
];

describe.each(['bot', 'painter'] as const)('the network of a %s that', (side) => {
  test.each(BREAKS)('%s: each job comes once, and both find each other again', async (_, breaks) => {
    await using redis = await OwnRedis.start();
    await using network = await BadNetwork.before(redis.port);
    await using bench = new Bench();
    const times = { ...FAST, lock: 6000, patience: 400 };
    const bot = await bench.bot(side === 'bot' ? network.url : redis.url, { times });
    const painter = await bench.painter(side === 'painter' ? network.url : redis.url, { times });
    const [running, behind] = [aJob({}, { prompt: 'ms=600' }), aJob({}, { prompt: 'ms=50' })];
    await bot.jobs.submit(running);
    await painter.said(/^begun/);
    await bot.jobs.submit(behind);
    breaks(network);
    await painter.said(/^(painted|aborted)/);
    // Long enough for both to notice.
    await sleep(500);
    network.mend();
    const ended = () => bot.delivered.map(({ id, outcome }) => `${id} ${outcome.kind}`).sort();
    await expect.poll(ended).toEqual([`${running.id} painted`, `${behind.id} painted`].sort());
    await expect.poll(() => bot.painters.problem).toBeNull();
  });
});
