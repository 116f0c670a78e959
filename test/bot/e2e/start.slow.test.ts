import { Events } from 'discord.js';
import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../../src/discord/things.js';
import { LossyProxy } from '../lossy-proxy.js';
import { freePort } from '../servers.js';
import { QUICK, Studio } from './harness.js';

// States of Discord while the bot starts, and clocks that differ from Discord's.

let studio: Studio;
afterEach(() => studio.stop());

const HOUR = 3_600_000;
const GATEWAY = /^GET \/gateway\/bot/;
const COMMANDS = /^PUT .*\/commands/;

test('Discord is in trouble: it waits, says so in words, and starts', async () => {
  studio = await Studio.withoutBot();
  // discord.js asks four times by itself.
  studio.discord.faults.add({ match: GATEWAY, status: 503, times: 5 });
  await studio.startBot();
  expect(studio.log.map(({ msg }) => msg)).toEqual([
    'Discord is in trouble (it answers 503; see discordstatus.com). Trying again in 1 s.',
  ]);
  await studio.imagine(studio.alice, studio.general);
});

test('connections close before the gateway is known: it asks again', async () => {
  studio = await Studio.withoutBot();
  studio.discord.faults.add({ match: GATEWAY, closed: true, times: 5 });
  await studio.startBot();
  await studio.imagine(studio.alice, studio.general);
});

test('the network is not there yet: the bot waits, says so, and comes up with it', async () => {
  const env: NodeJS.ProcessEnv = {};
  studio = await Studio.withoutBot(env);
  const { protocol, port, pathname } = new URL(studio.discord.apiUrl);
  await using network = await LossyProxy.before(Number(port));
  await network.away();
  env.DISCORD_API_URL = `${protocol}//127.0.0.1:${network.port}${pathname}`;
  const started = studio.startBot();
  await expect
    .poll(() => studio.log.map(({ msg }) => msg))
    .toEqual([
      'Discord cannot be reached (ECONNREFUSED). Check the network, a proxy, and DISCORD_API_URL. Trying again in 1 s.',
    ]);
  await network.back();
  await started;
  await studio.imagine(studio.alice, studio.general);
});

test('the gateway lets nobody in at first: the bot tries until it does', async () => {
  studio = await Studio.withoutBot();
  studio.discord.gateway.faults.away = true;
  const started = studio.startBot();
  await expect
    .poll(() => studio.log.map(({ msg }) => msg))
    .toEqual(['The gateway closed the connection before the bot was ready. Trying again until it is.']);
  studio.discord.gateway.faults.away = false;
  await started;
  await studio.imagine(studio.alice, studio.general);
});

test('a token that Discord refuses: the start ends and says what to do', async () => {
  const env: NodeJS.ProcessEnv = {};
  studio = await Studio.withoutBot(env);
  env.DISCORD_TOKEN = studio.application.token;
  studio.application.token += '-reset';
  await expect(studio.startBot()).rejects.toThrow('DISCORD_TOKEN was refused');
});

test('no sessions are left: it waits until there are', async () => {
  studio = await Studio.withoutBot();
  const session_start_limit = { total: 1000, remaining: 0, reset_after: 1500, max_concurrency: 1 };
  const body = JSON.stringify({ url: 'ws://127.0.0.1:1', shards: 1, session_start_limit });
  studio.discord.faults.add({ match: GATEWAY, status: 200, body, times: 1 });
  await studio.startBot();
  expect(studio.log.map(({ msg }) => msg)).toEqual([
    'The bot has connected 1000 times since yesterday, and Discord allows 1000: it can connect again in 1 minutes. Is something restarting it over and over? Trying again in 2 s.',
  ]);
});

test.each([
  ['a connection that closes', { closed: true, times: 1 }, 0],
  ['connections that close, time after time', { closed: true, times: 5 }, 1],
  ['bad gateways', { status: 502, times: 5 }, 1],
])('%s while commands are registered: they are registered', async (_, fault, warnings) => {
  studio = await Studio.withoutBot();
  studio.discord.faults.add({ match: COMMANDS, ...fault });
  await studio.startBot();
  expect(studio.application.commands.get('')?.length).toBeGreaterThan(0);
  expect(studio.log).toHaveLength(warnings);
});

test('a server that the bot is not in: the start says which variable names it', async () => {
  studio = await Studio.withoutBot({ GUILD_ID: '123456789012345678' });
  await expect(studio.startBot()).rejects.toThrow(/Discord refused the commands: .* GUILD_ID/);
});

test.each([
  ['fast', 3 * HOUR],
  ['slow', -3 * HOUR],
])(
  "this machine's clock is hours %s: answers come in place, and times are right for their readers",
  async (_, ahead) => {
    const now = () => Date.now() - ahead;
    studio = await Studio.start({}, { now });
    const { discord, alice, general } = studio;
    const times: number[] = [];
    const learn = ({ content }: Message) => {
      for (const [, seconds] of content.matchAll(/<t:(\d+):R>/g)) times.push(Number(seconds) * 1000);
    };
    const first = await studio.imagine(alice, general);
    expect(first.interaction_metadata).toBeTruthy();
    const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a fox', ...QUICK, steps: 100 });
    await discord.until(() => {
      learn(message);
      return times.length > 0;
    });
    const result = await studio.finished(message, 60_000);
    expect(result.id).toBe(message.id);
    for (const time of times) expect(Math.abs(time - now())).toBeLessThan(HOUR);
    await studio.idle();
  },
);

test('/readyz says so while the gateway is away, and when it is back', async () => {
  const port = await freePort();
  studio = await Studio.start({ HEALTH_PORT: String(port) });
  const { discord, bot } = studio;
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
  await expect.poll(ready).toBe(200);
  discord.gateway.faults.away = true;
  discord.gateway.drop();
  await expect.poll(ready).toBe(503);
  expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text()).toContain('not connected to the gateway');
  discord.gateway.faults.away = false;
  await new Promise((resolve) => bot.app.client.once(Events.ShardResume, resolve));
  await expect.poll(ready).toBe(200);
});
