import { Client, Events } from 'discord.js';
import { GatewayDispatchEvents, GatewayIntentBits, GatewayOpcodes as Op } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sharding } from '../../src/discord/session-starts.js';
import type { Application, Channel, User } from '../../src/discord/things.js';
import { DrivenDiscord } from './drive/driven-discord.js';
import { GatewayConnection } from './drive/gateway-connection.js';
import { guildOnShard } from './drive/guild-on-shard.js';
import { violations } from './openapi.js';

// Several shards (documentation, "Sharding", "Session Start Limit Object", "Max Concurrency"): what a client may do, and
// what the real one does, which connects as many as it is told.

let discord: DrivenDiscord;
let application: Application;
let alice: User;
let now: number | null;
const open: GatewayConnection[] = [];
let against: string[];

async function begin(sharding: Partial<Sharding>): Promise<void> {
  now = null;
  against = [];
  discord = await DrivenDiscord.start({
    sharding,
    now: () => now ?? Date.now(),
    onExchange: (exchange) => void against.push(...violations(exchange)),
  });
  application = discord.createApplication('easel');
  alice = discord.createUser('alice');
}
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.terminate();
  await discord.stop();
  expect(against).toEqual([]);
});

function connection(token = application.token): GatewayConnection {
  const made = new GatewayConnection(discord.url, token);
  open.push(made);
  return made;
}

async function told(): Promise<{ shards: number; session_start_limit: Record<string, number> }> {
  const headers = { authorization: `Bot ${application.token}` };
  const response = await fetch(`${discord.apiUrl}/v10/gateway/bot`, { headers });
  return (await response.json()) as Awaited<ReturnType<typeof told>>;
}

test('a bot is told to start a shard for each thousand servers', async () => {
  await begin({});
  expect((await told()).shards).toBe(1);
  for (let k = 0; k < 1001; k++) application.guilds.add(String(k));
  expect((await told()).shards).toBe(2);
});

test('a shard with too many servers is refused, and more shards are not', async () => {
  await begin({ guildsPerShard: 1 });
  for (const shard of [0, 1]) discord.install(application, await guildOnShard(discord, alice, shard, 2));
  const alone = connection();
  void alone.identify();
  expect(await alone.closed).toBe(4011);
  const [first, second] = [connection(), connection()];
  expect((await first.identify({ shard: [0, 2] })).d).toMatchObject({ shard: [0, 2], guilds: [{ unavailable: true }] });
  expect((await second.identify({ shard: [1, 2] })).d.guilds).toHaveLength(1);
});

test('sessions that are started count, resumed ones do not', async () => {
  await begin({ starts: 1000 });
  now = Date.now();
  expect((await told()).session_start_limit).toMatchObject({ total: 1000, remaining: 1000, max_concurrency: 1 });
  const first = connection();
  const { d, s } = await first.identify();
  now += 60_000;
  expect((await told()).session_start_limit).toMatchObject({ remaining: 999, reset_after: 86_340_000 });
  discord.gateway.drop();
  await first.closed;
  const second = connection();
  await second.until(({ op }) => op === Op.Hello);
  second.send(Op.Resume, { token: application.token, session_id: d.session_id, seq: s });
  await second.event('RESUMED');
  expect((await told()).session_start_limit.remaining).toBe(999);
  now += 86_340_000;
  expect((await told()).session_start_limit).toMatchObject({ remaining: 1000, reset_after: 86_400_000 });
});

test('two shards of one key may not identify within five seconds, those of different keys may', async () => {
  await begin({ maxConcurrency: 2 });
  now = Date.now();
  await connection().identify({ shard: [0, 4] });
  await connection().identify({ shard: [1, 4] });
  const third = connection();
  void third.identify({ shard: [2, 4] });
  expect((await third.until(({ op }) => op === Op.InvalidSession)).d).toBe(false);
  now += 5000;
  third.send(Op.Identify, { token: application.token, intents: 0, properties: {}, shard: [2, 4] });
  await third.event('READY');
});

test('whoever starts more sessions than allowed loses them all, and the token', async () => {
  await begin({ starts: 2 });
  const { token } = application;
  const first = connection();
  await first.identify({ shard: [0, 3] });
  await connection().identify({ shard: [1, 3] });
  const third = connection();
  void third.identify({ shard: [2, 3] });
  expect(await Promise.all([first.closed, third.closed])).toEqual([4004, 4004]);
  const late = connection(token);
  void late.identify();
  expect(await late.closed).toBe(4004);
  expect(application.token).not.toBe(token);
});

describe('discord.js on three shards', () => {
  let client: Client<true>;
  let channels: Channel[];
  /** What was dispatched, and on which shard. */
  let heard: { name: string; shard: number; channel?: string }[];

  beforeEach(async () => {
    await begin({ shards: 3, maxConcurrency: 16 });
    channels = [];
    for (const shard of [0, 1, 2]) {
      const guild = await guildOnShard(discord, alice, shard, 3);
      discord.install(application, guild);
      channels.push(discord.createChannel(guild, 'general'));
    }
    const { Guilds, GuildMessages, DirectMessages } = GatewayIntentBits;
    const intents = [Guilds, GuildMessages, DirectMessages];
    client = new Client<true>({ shards: 'auto', intents, rest: { api: discord.apiUrl } });
    heard = [];
    client.on(Events.Raw, ({ t, d }, shard) => void heard.push({ name: t, shard, channel: d?.channel_id }));
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
    await client.login(application.token);
    await ready;
  });
  afterEach(() => client.destroy());

  const messages = () => heard.filter(({ name }) => name === GatewayDispatchEvents.MessageCreate);
  const arrived = (count: number) => expect.poll(() => messages().length).toBe(count);

  test('each server is on its own shard, and direct messages are on the first', async () => {
    expect(client.guilds.cache.map(({ shardId }) => shardId).sort()).toEqual([0, 1, 2]);
    for (const channel of channels) await discord.as(alice).say(channel, 'hello');
    const direct = discord.world.directMessages(alice.id, application.botId);
    await discord.as(alice).say(direct, 'hello');
    await arrived(4);
    // Each shard has its own connection, so their events may come in any order.
    const places = messages().map(({ shard, channel }) => `${shard} ${channel}`);
    expect(places.sort()).toEqual([`0 ${direct.id}`, ...channels.map(({ id }, shard) => `${shard} ${id}`)].sort());
  });

  test('one shard resumes by itself with what it missed, and the others do not notice', async () => {
    const sockets = () => new Map(discord.gateway.sessions.map(({ shard, socket }) => [shard[0], socket]));
    const before = sockets();
    const resumed = new Promise((resolve) => client.once(Events.ShardResume, resolve));
    discord.gateway.drop(1);
    await discord.as(alice).say(channels[1]!, 'missed');
    await discord.as(alice).say(channels[2]!, 'heard');
    expect(await resumed).toBe(1);
    await arrived(2);
    const after = sockets();
    expect([0, 1, 2].map((shard) => before.get(shard) === after.get(shard))).toEqual([true, false, true]);
    expect(discord.gateway.sessions).toHaveLength(3);
  });

  test('the bot is shown as there until its last shard is gone', async () => {
    const shown: unknown[] = [];
    discord.world.listen(({ name, data }) => {
      if (name === 'LOCAL_PRESENCE') shown.push((data as { presence: unknown }).presence);
    });
    client.user.setPresence({ status: 'idle' });
    await discord.until(() => shown.length >= 3);
    shown.length = 0;
    discord.gateway.faults.away = 1;
    discord.gateway.drop(1);
    await discord.until(() => shown.length > 0);
    expect(shown).toEqual([expect.objectContaining({ status: 'idle' })]);
    await client.destroy();
    await discord.until(() => shown.at(-1) === null);
  });
});
