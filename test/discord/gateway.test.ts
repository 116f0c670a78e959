import { Client, Events } from 'discord.js';
import { GatewayIntentBits, GatewayOpcodes as Op } from 'discord-api-types/v10';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Application, Channel, Guild, User } from '../../src/discord/things.js';
import { DrivenDiscord } from './drive/driven-discord.js';
import { GatewayConnection } from './drive/gateway-connection.js';
import { furnish } from './furnish.js';
import { unlike } from './openapi.js';

// The gateway, spoken to as any client might; what it must answer stands in "Gateway" and "Opcodes and status codes".

let discord: DrivenDiscord;
let application: Application;
let alice: User;
let guild: Guild;
let general: Channel;
/** Timers that the gateway waits for: tests let them run out. */
let timers: Set<() => void>;
const open: Connection[] = [];

beforeEach(async () => {
  timers = new Set();
  discord = await DrivenDiscord.start({
    after: (_, then) => {
      timers.add(then);
      return () => timers.delete(then);
    },
  });
  ({ application, alice, guild, general } = furnish(discord));
});
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.terminate();
  await discord.stop();
});

/** A connection with the application's token, closed after the test. */
class Connection extends GatewayConnection {
  constructor() {
    super(discord.url, application.token);
    open.push(this);
  }
}

const all = GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.GuildMessageReactions;

describe('a connection is closed', () => {
  test.each<[string, number, object]>([
    ['with a wrong token', 4004, { token: 'wrong' }],
    ['with a shard that is none of its shards', 4010, { shard: [1, 1] }],
    ['with shards that are no list', 4010, { shard: 5 }],
    ['with intents that there are not', 4013, { intents: 1 << 30 }],
    ['with a privileged intent that it was not granted', 4014, { intents: GatewayIntentBits.MessageContent }],
  ])('%s', async (_, code, identify) => {
    const connection = new Connection();
    void connection.identify(identify);
    expect(await connection.closed).toBe(code);
  });

  test.each<[string, number, (connection: Connection) => void]>([
    ['by an unknown opcode', 4001, (connection) => connection.send(99, {})],
    ['by a frame that is far too large', 1009, ({ socket }) => socket.send('x'.repeat(1_000_000))],
    ['by what is no JSON', 4002, ({ socket }) => socket.send('{')],
    ['by null', 4002, ({ socket }) => socket.send('null')],
    ['by an opcode without data', 4002, (connection) => connection.send(Op.RequestGuildMembers, null)],
    ['by more than 4096 bytes', 4002, (connection) => connection.send(Op.PresenceUpdate, { x: 'ü'.repeat(2048) })],
    [
      'by a second identify',
      4005,
      (connection) => connection.send(Op.Identify, { token: application.token, intents: 0 }),
    ],
    [
      'by 121 payloads in a minute',
      4008,
      (connection) => {
        for (let i = 0; i < 121; i++) connection.send(Op.Heartbeat, null);
      },
    ],
    [
      'when its heartbeats stop',
      4009,
      () => {
        for (const then of timers) then();
      },
    ],
  ])('%s', async (_, code, act) => {
    const connection = new Connection();
    await connection.identify();
    act(connection);
    expect(await connection.closed).toBe(code);
  });

  test('when it speaks before it says who it is', async () => {
    const connection = new Connection();
    await connection.until(({ op }) => op === Op.Hello);
    connection.send(Op.PresenceUpdate, {});
    expect(await connection.closed).toBe(4003);
  });
});

describe('a session', () => {
  test('is told what its intents ask for, and nothing else', async () => {
    const [deaf, hearing] = [new Connection(), new Connection()];
    await Promise.all([deaf.identify(), hearing.identify({ intents: all })]);
    const message = await discord.as(alice).say(general, 'a secret');
    discord.as(alice).react(message, '👍');
    await hearing.event('MESSAGE_REACTION_ADD');
    // Content is privileged; the message itself is not.
    expect((await hearing.event('MESSAGE_CREATE')).d).toMatchObject({ id: message.id, content: '' });
    expect(deaf.names()).not.toContain('MESSAGE_CREATE');
  });

  test('is sent guilds, channels, members, roles and messages as Discord describes them', async () => {
    const connection = new Connection();
    await connection.identify({ intents: all });
    const { d: guild } = await connection.event('GUILD_CREATE');
    expect(unlike('GuildChannelResponse[]', guild.channels)).toEqual([]);
    expect(unlike('GuildMemberResponse[]', guild.members)).toEqual([]);
    expect(unlike('GuildRoleResponse[]', guild.roles)).toEqual([]);
    const image = await sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const message = await discord.as(alice).say(general, `<@${application.botId}>`, [{ name: 'a.png', bytes: image }]);
    const { d: created } = await connection.event('MESSAGE_CREATE');
    expect(unlike('MessageResponse', created)).toEqual([]);
    expect(created.attachments[0]).toMatchObject({ width: 8, height: 6, content_type: 'image/png' });
    discord.as(alice).react(message, '👍');
    const { d: reaction } = await connection.event('MESSAGE_REACTION_ADD');
    expect(reaction).toMatchObject({ user_id: alice.id, message_id: message.id, emoji: { id: null, name: '👍' } });
  });

  test('reads what mentions it', async () => {
    const connection = new Connection();
    await connection.identify({ intents: all });
    await discord.as(alice).say(general, `<@${application.botId}> hello`);
    expect((await connection.event('MESSAGE_CREATE')).d.content).toContain('hello');
  });

  test('of another shard hears nothing of a guild', async () => {
    const mine = Number((BigInt(guild.id) >> 22n) % 2n);
    const [here, elsewhere] = [new Connection(), new Connection()];
    await here.identify({ intents: all, shard: [mine, 2] });
    const ready = await elsewhere.identify({ intents: all, shard: [1 - mine, 2] });
    expect(ready.d.guilds).toEqual([]);
    await discord.as(alice).say(general, 'hello');
    await here.event('MESSAGE_CREATE');
    expect(elsewhere.names()).not.toContain('MESSAGE_CREATE');
  });

  test('is resumed with exactly what was missed', async () => {
    const first = new Connection();
    const ready = await first.identify({ intents: all });
    await discord.as(alice).say(general, 'heard');
    const heard = await first.event('MESSAGE_CREATE');
    discord.gateway.drop();
    await first.closed;
    const missed = await discord.as(alice).say(general, 'missed');
    const second = new Connection();
    await second.until(({ op }) => op === Op.Hello);
    second.send(Op.Resume, { token: application.token, session_id: ready.d.session_id, seq: heard.s });
    await second.event('RESUMED');
    expect(second.names()).toEqual(['MESSAGE_CREATE', 'RESUMED']);
    expect((await second.event('MESSAGE_CREATE')).d.id).toBe(missed.id);
  });

  test('that said goodbye is not resumed, nor is one that never was', async () => {
    const first = new Connection();
    const ready = await first.identify();
    first.socket.close(1000);
    await first.closed;
    await discord.until(() => discord.gateway.sessions.length === 0);
    const second = new Connection();
    await second.until(({ op }) => op === Op.Hello);
    second.send(Op.Resume, { token: application.token, session_id: ready.d.session_id, seq: 1 });
    expect((await second.until(({ op }) => op === Op.InvalidSession)).d).toBe(false);
  });

  test('that claims to have heard more than was said is closed', async () => {
    const first = new Connection();
    const ready = await first.identify();
    discord.gateway.drop();
    const second = new Connection();
    await second.until(({ op }) => op === Op.Hello);
    second.send(Op.Resume, { token: application.token, session_id: ready.d.session_id, seq: 999 });
    expect(await second.closed).toBe(4007);
  });

  test('may hear late, and out of order', async () => {
    const connection = new Connection();
    await connection.identify({ intents: all });
    discord.gateway.faults.held = /^MESSAGE_CREATE$/;
    const message = await discord.as(alice).say(general, 'late');
    discord.as(alice).delete(message);
    await connection.event('MESSAGE_DELETE');
    discord.gateway.release();
    await connection.event('MESSAGE_CREATE');
    expect(connection.names().slice(-2)).toEqual(['MESSAGE_DELETE', 'MESSAGE_CREATE']);
  });

  test('asks for members', async () => {
    const connection = new Connection();
    await connection.identify();
    connection.send(Op.RequestGuildMembers, { guild_id: guild.id, user_ids: [alice.id, '1'], limit: 0, nonce: 'n' });
    const { d } = await connection.event('GUILD_MEMBERS_CHUNK');
    expect(d).toMatchObject({ members: [{ user: { id: alice.id } }], not_found: ['1'], nonce: 'n' });
  });
});

describe('discord.js', () => {
  let client: Client<true>;
  beforeEach(async () => {
    client = new Client<true>({ intents: [GatewayIntentBits.Guilds], rest: { api: discord.apiUrl } });
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
    await client.login(application.token);
    await ready;
  });
  afterEach(() => client.destroy());

  test('resumes when it is asked to reconnect', async () => {
    const [session] = discord.gateway.sessions;
    const resumed = new Promise((resolve) => client.once(Events.ShardResume, resolve));
    discord.gateway.reconnect();
    await resumed;
    expect(discord.gateway.sessions).toEqual([session]);
  });

  test('identifies anew when its session is invalid', async () => {
    const [session] = discord.gateway.sessions;
    const ready = new Promise((resolve) => client.once(Events.ShardReady, resolve));
    discord.gateway.invalidate();
    await ready;
    expect(discord.gateway.sessions[0]?.id).not.toBe(session?.id);
  });
});

test('a web site does not reach the gateway', async () => {
  const socket = new WebSocket(`${discord.url.replace('http', 'ws')}/gateway`, { origin: 'https://evil.example' });
  socket.on('error', () => {});
  expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(1006);
});
