import { MessageFlags } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverer } from '../../../src/bot/delivery/delivery.js';
import type { JobOrigin, Outcome } from '../../../src/bot/request/job.js';
import { aJob } from '../request.js';
import { QUICK, Studio } from './harness.js';

// Results when the interaction can no longer be answered.

let studio: Studio;
let outcome: Outcome;
beforeAll(async () => {
  studio = await Studio.start();
  // Noise hardly compresses: 13 MB.
  const create = { width: 2100, height: 2100, channels: 3, background: 'black', noise: noise() } as const;
  const png = await sharp({ create }).png().toBuffer();
  outcome = {
    kind: 'painted',
    pictures: [{ width: 2100, height: 2100, seed: 1, flagged: false, png }],
    notices: [],
  };
});
afterAll(() => studio.stop());

const noise = () => ({ type: 'gaussian', mean: 128, sigma: 60 }) as const;

test.each([
  ['in the channel', false],
  ['in direct messages', true],
])('that only fitted with the Nitro of who asked arrive smaller %s', async (_, ephemeral) => {
  const { bot, alice, general, guild, discord } = studio;
  const origin: Partial<JobOrigin> = {
    tokenExpiresAt: 0,
    channelId: general.id,
    guildId: guild.id,
    userId: alice.id,
    attachmentSizeLimit: 500 * 2 ** 20,
    ephemeral,
  };
  const job = aJob(origin);
  await bot.app.results.remember(job);
  await deliverer(bot.app)(job, outcome, job.id);
  const channel = ephemeral ? discord.world.directMessages(alice.id, studio.application.botId) : general;
  const [result] = studio.results(channel);
  expect(result!.attachments[0]!.size).toBeLessThanOrEqual(10 * 2 ** 20);
});

test.each([
  ['into the first answer', /^PATCH .*\/messages\/(@|%40)original/, {}],
  ['as a message', /^POST \/channels\/\d+\/messages$/, { token: '' }],
])('%s what Discord finds too large comes smaller', async (_, match, changes) => {
  const { bot, alice, guild, discord } = studio;
  const channel = studio.channel(`small-${'token' in changes}`);
  const { message } = await discord.as(alice).run(channel, 'imagine', { prompt: 'a fox', ...QUICK, steps: 100 });
  const [asked] = bot.app.jobs.ofUser(alice.id);
  const origin = { ...asked!.origin, guildId: guild.id, attachmentSizeLimit: 2 ** 20, ...changes };
  await discord.as(alice).run(channel, 'cancel', {});
  await studio.idle();
  const body = JSON.stringify({ message: 'Request entity too large', code: 40005 });
  discord.faults.add({ match, status: 413, body, times: 1 });
  const job = { ...aJob(origin, { prompt: 'noise' }), origin };
  await bot.app.results.remember(job);
  const create = { width: 500, height: 500, channels: 3, background: 'black', noise: noise() } as const;
  const png = await sharp({ create }).png().toBuffer();
  expect(png.length).toBeGreaterThan(2 ** 19);
  const pictures = [{ width: 500, height: 500, seed: 1, flagged: false, png }];
  await deliverer(bot.app)(job, { kind: 'painted', pictures, notices: [] }, job.id);
  const result = studio.results(channel).at(-1)!;
  expect(result.id === message.id).toBe(!('token' in changes));
  expect(result.attachments[0]!.size).toBeLessThanOrEqual(2 ** 19);
  discord.faults.clear();
});

test.each([
  ['in the channel', false],
  ['in direct messages', true],
])('with words that fill a message arrive %s, behind the mention', async (_, ephemeral) => {
  const { bot, alice, general, guild, discord } = studio;
  const origin = { tokenExpiresAt: 0, channelId: general.id, guildId: guild.id, userId: alice.id, ephemeral };
  const job = aJob(origin, { prompt: '🦊_*'.repeat(500), negative: '[x](y) '.repeat(200) });
  await bot.app.results.remember(job);
  const png = await sharp({ create: { width: 96, height: 64, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const notices = Array.from({ length: 9 }, (_, k) => ({ text: `${k} ${'_long_ '.repeat(100)}` }));
  await deliverer(bot.app)(
    job,
    { kind: 'painted', pictures: [{ width: 96, height: 64, seed: 1, flagged: false, png }], notices },
    job.id,
  );
  const channel = ephemeral ? discord.world.directMessages(alice.id, studio.application.botId) : general;
  const result = studio.results(channel).find(({ content }) => content.includes('96×64'))!;
  expect(result.content).toMatch(new RegExp(`^<@${alice.id}> \\*\\*🦊`));
  expect(result.flags! & MessageFlags.SuppressEmbeds).toBeTruthy();
});

test('a request that could not even be acknowledged is not kept', async () => {
  const { bot, bob, general, discord } = studio;
  const body = JSON.stringify({ message: 'Unknown interaction', code: 10062 });
  discord.faults.add({ match: /^POST .*\/callback/, status: 404, body, times: 1 });
  const asked = discord.as(bob).run(general, 'imagine', { prompt: 'a fox', ...QUICK });
  asked.catch(() => {});
  await expect.poll(() => bot.app.jobs.ofUser(bob.id).length + studio.log.length).toBeGreaterThan(0);
  await studio.idle();
  await expect.poll(() => studio.records(bob)).toBe(0);
});
