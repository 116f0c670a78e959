import { type APIEmbed, MessageFlags } from 'discord.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel, User } from '../../../src/discord/things.js';
import { Studio } from './harness.js';

// /stats: counted when painted, kept over a restart, and shown to whom it concerns.

let studio: Studio;
let channel: Channel;
beforeAll(async () => {
  studio = await Studio.start();
  channel = studio.channel('counted');
});
afterAll(() => studio.stop());

async function shown(user: User, where = channel): Promise<{ text: string; field(name: string): string }> {
  const { message } = await studio.discord.as(user).run(where, 'stats');
  expect(message.flags! & MessageFlags.Ephemeral).toBeTruthy();
  const [embed] = message.embeds as APIEmbed[];
  const field = (name: string) => embed!.fields!.find((one) => one.name === name)?.value ?? '';
  return { text: JSON.stringify(embed), field };
}

test('where nothing was painted there are zeros, and it says so', async () => {
  const { field } = await shown(studio.bob);
  expect(field('This server')).toContain('Total: **0** (0 requests)');
  expect(field('Now')).toContain('Nothing has been painted here yet.');
  expect(field('Now')).toMatch(/Started <t:\d+:R>/);
});

test('pictures are counted for who asked and for the server, and a restart changes nothing', async () => {
  const { alice, bob, bot } = studio;
  await studio.imagine(alice, channel, { count: 2, sampler: 'ddim' });
  await studio.imagine(bob, channel, { count: 1, sampler: 'euler' });
  await studio.imagine(bob, channel, { count: 2, sampler: 'ddim' });
  await bot.app.stats.settled();
  await studio.restart();
  const { field } = await shown(bob);
  expect(field('You, here')).toContain('Today: **3** (2 requests)');
  expect(field('This server')).toContain('7 days: **5** (3 requests)');
  expect(field('Pictures per day, last seven days')).toContain('▁▁▁▁▁▁█\n-# 0 · 0 · 0 · 0 · 0 · 0 · 5');
  expect(field('Time per picture, by model')).toMatch(new RegExp(`${DEFAULT_MODEL} [\\d.]+ s`));
});

test('only managers see who is active, and with what', async () => {
  const { alice, bob } = studio;
  const { field } = await shown(alice);
  const seconds = '\\([\\d.]+ s CPU\\)';
  expect(field('Most active, 7 days')).toMatch(
    new RegExp(`^1\\. <@${bob.id}>: \\*\\*3\\*\\* ${seconds}\n2\\. <@${alice.id}>: \\*\\*2\\*\\* ${seconds}$`),
  );
  expect(field('Models, 7 days')).toBe(`1. ${DEFAULT_MODEL}: **5**`);
  expect(field('Samplers, 7 days')).toBe('1. DDIM: **4**\n2. Euler: **1**');
  const { text } = await shown(bob);
  expect(text).not.toContain(alice.id);
  expect(text).not.toContain('Most active');
});

test('other servers and direct messages have numbers of their own', async () => {
  const { discord, bob, application } = studio;
  const direct = discord.world.directMessages(bob.id, application.botId);
  await studio.imagine(bob, direct);
  await studio.bot.app.stats.settled();
  const { field } = await shown(bob, direct);
  expect(field('You, here')).toContain('Today: **1** (1 request)');
  expect(field('This server')).toBe('');
  expect((await shown(bob)).field('This server')).toContain('Total: **5**');
});

test('no prompt is kept in the counters', async () => {
  const place = await studio.bot.app.stats.ofPlace(studio.guild.id, studio.bob.id);
  expect(JSON.stringify(place)).not.toContain('apple');
});

test('it says what is waiting', async () => {
  const { discord, bob } = studio;
  await discord.as(bob).run(channel, 'imagine', { prompt: 'a castle', steps: 150, count: 4 });
  expect((await shown(studio.alice)).field('Now')).toContain('One request is waiting or being painted.');
  await discord.as(bob).run(channel, 'cancel');
  await studio.idle();
});

test('nothing went wrong meanwhile', () => {
  expect(studio.log).toEqual([]);
});
