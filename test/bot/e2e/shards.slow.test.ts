import { Events } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { guildOnShard } from '../../discord/drive/guild-on-shard.js';
import { freePort } from '../servers.js';
import { QUICK, Studio } from './harness.js';

// The real bot with three shards, as Discord tells it to start.

const SHARDS = 3;
let studio: Studio;
/** A channel on each shard. */
let channels: Channel[];
let requests: string[];
let port: number;

async function begin(): Promise<void> {
  requests = [];
  const sharding = { shards: SHARDS, maxConcurrency: 16 };
  const onExchange = ({ method, path }: { method: string; path: string }) => void requests.push(`${method} ${path}`);
  port = await freePort();
  studio = await Studio.withoutBot({ HEALTH_PORT: String(port) }, { sharding, onExchange });
  channels = [];
  for (let shard = 0; shard < SHARDS; shard++) {
    const guild = await guildOnShard(studio.discord, studio.alice, shard, SHARDS);
    studio.discord.install(studio.application, guild);
    channels.push(studio.discord.createChannel(guild, 'general'));
  }
  await studio.startBot();
}
beforeEach(begin);
afterEach(() => studio.stop());

async function health(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

async function metric(name: string): Promise<string | undefined> {
  const { text } = await health('/metrics');
  return text.split('\n').find((line) => line.startsWith(`${name} `));
}

const ofBot = (channel: Channel): Message[] =>
  studio.discord.messagesIn(channel, studio.alice).filter(({ author }) => author.id === studio.application.botId);

test('every server and direct message is served, once, and the commands are registered once', async () => {
  const { discord, alice, application } = studio;
  const direct = discord.world.directMessages(alice.id, application.botId);
  for (const channel of [...channels, direct]) await studio.imagine(alice, channel);
  expect([...channels, direct].map((channel) => ofBot(channel).length)).toEqual([1, 1, 1, 1]);
  expect(requests.filter((one) => /^PUT .*commands$/.test(one))).toHaveLength(1);
  const ben = discord.createUser('ben');
  discord.join(discord.world.guild(channels[2]!.guildId!), ben);
  await discord.as(ben).say(channels[2]!, `<@${application.botId}> hello`);
  await discord.until(() => ofBot(channels[2]!).length === 2);
  await studio.imagine(alice, channels[1]!);
  expect(channels.map((channel) => ofBot(channel).length)).toEqual([1, 2, 2]);
  expect(await metric('easel_gateway_shards')).toBe('easel_gateway_shards 3');
  expect(await metric('easel_gateway_guilds')).toBe('easel_gateway_guilds 4');
  expect((await health('/metrics')).text).toMatch(/easel_gateway_shard_guilds\{shard="2"\} [12]/);
});

test('the bot is ready while one shard is away, and not when all are; /stats and the metrics count them', async () => {
  const { discord, alice, bot } = studio;
  const statuses = async () => (await health('/readyz')).status;
  expect(await statuses()).toBe(200);
  discord.gateway.faults.away = 1;
  discord.gateway.drop(1);
  await expect.poll(() => metric('easel_gateway_shards_connected')).toBe('easel_gateway_shards_connected 2');
  expect(await metric('easel_gateway_shard_connected{shard="1"}')).toBe('easel_gateway_shard_connected{shard="1"} 0');
  expect(await metric('easel_gateway_ready')).toBe('easel_gateway_ready 1');
  expect(await statuses()).toBe(200);
  const { message } = await discord.as(alice).run(channels[2]!, 'stats');
  expect(JSON.stringify(message.embeds)).toContain('2 of 3 connections to Discord are up; this server is on number 3.');
  await studio.imagine(alice, channels[0]!);
  discord.gateway.faults.away = true;
  discord.gateway.drop();
  await expect.poll(statuses).toBe(503);
  expect((await health('/readyz')).text).toContain('not connected to the gateway');
  expect(await metric('easel_gateway_ready')).toBe('easel_gateway_ready 0');
  const resumed = new Set<number>();
  bot.app.client.on(Events.ShardResume, (shard) => void resumed.add(shard));
  discord.gateway.faults.away = false;
  await expect.poll(() => resumed.size).toBe(SHARDS);
  expect(await statuses()).toBe(200);
  const again = await discord.as(alice).run(channels[1]!, 'imagine', { prompt: 'a red apple', ...QUICK });
  await studio.finished(again.message);
});

describe('one shard that is closed for good ends the bot, with what to do', () => {
  test.each<[string, (discord: Studio['discord'], application: Studio['application']) => void, RegExp]>([
    [
      '4011',
      ({ gateway }) => {
        gateway.sharding.guildsPerShard = 0;
      },
      /more shards.*Start it again/,
    ],
    [
      '4004',
      (_, application) => {
        application.token += '-reset';
      },
      /DISCORD_TOKEN was refused/,
    ],
    [
      '4014',
      ({ gateway }) => {
        gateway.faults.refusal = 4014;
      },
      /Discord refused the intents/,
    ],
  ])('%s', async (_, change, sentence) => {
    change(studio.discord, studio.application);
    studio.discord.gateway.invalidate(1);
    expect((await studio.bot.closed).message).toMatch(sentence);
  });
});
