import { Client, Events } from 'discord.js';
import { GatewayIntentBits as Intent, PermissionFlagsBits as P } from 'discord-api-types/v10';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Application, Channel, Guild, User } from '../../src/discord/things.js';
import { DrivenDiscord } from './drive/driven-discord.js';
import { furnish } from './furnish.js';
import { violations } from './openapi.js';

// REST, spoken to with fetch, so that the server's own refusals are seen and not those of discord.js.

let discord: DrivenDiscord;
let application: Application;
let alice: User;
let guild: Guild;
let general: Channel;
let now: number;
let against: string[];

beforeEach(async () => {
  now = Date.now();
  against = [];
  discord = await DrivenDiscord.start({
    now: () => now,
    onExchange: (exchange) => void against.push(...violations(exchange)),
  });
  ({ application, alice, guild, general } = furnish(discord));
});
afterEach(async () => {
  await discord.stop();
  expect(against).toEqual([]);
});

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what the server answered
  body: any;
}

/** @param files are sent as multipart, beside the body. */
async function call(method: string, path: string, body?: object, files: readonly Blob[] = []): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bot ${application.token}` };
  let content: string | FormData | undefined;
  if (files.length > 0) {
    content = new FormData();
    content.append('payload_json', JSON.stringify(body ?? {}));
    for (const [n, file] of files.entries()) content.append(`files[${n}]`, file, `${n}.bin`);
  } else if (body) {
    content = JSON.stringify(body);
    headers['content-type'] = 'application/json';
  }
  const response = await fetch(`${discord.apiUrl}/v10${path}`, { method, headers, body: content });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

const say = async (body: object = { content: 'hello' }, files: readonly Blob[] = []) =>
  (await call('POST', `/channels/${general.id}/messages`, body, files)).body;

describe('messages', () => {
  test('keep the files that an edit lists, and lose the others', async () => {
    const message = await say({}, [new Blob(['a']), new Blob(['b'])]);
    const [a, b] = message.attachments;
    const path = `/channels/${general.id}/messages/${message.id}`;
    const edited = await call('PATCH', path, { attachments: [{ id: b.id, description: 'the second' }, { id: '0' }] }, [
      new Blob(['c']),
    ]);
    expect(edited.body.attachments).toMatchObject([{ id: b.id, description: 'the second' }, { filename: '0.bin' }]);
    expect((await fetch(a.url)).status).toBe(404);
    expect(await (await fetch(edited.body.attachments[1].url)).text()).toBe('c');
    expect((await call('PATCH', path, { content: 'kept' })).body.attachments).toHaveLength(2);
    const hidden = await call('PATCH', path, { attachments: [{ id: b.id, is_spoiler: true }] });
    expect(hidden.body.attachments).toMatchObject([{ id: b.id, flags: 8 }]);
    expect((await call('PATCH', path, { attachments: [] })).body.attachments).toHaveLength(0);
    const unknown = await call('PATCH', path, { attachments: [{ id: '1' }] });
    expect(unknown.body).toMatchObject({ code: 50035, errors: { attachments: { 0: { id: {} } } } });
  });

  test('are read a page at a time, before or after one of them, newest first', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await discord.as(alice).say(general, `${i}`)).id);
    const page = async (query: string) => {
      const { body } = await call('GET', `/channels/${general.id}/messages?${query}`);
      return body.map(({ id }: { id: string }) => ids.indexOf(id));
    };
    expect(await page('limit=2')).toEqual([4, 3]);
    expect(await page(`limit=2&before=${ids[3]}`)).toEqual([2, 1]);
    expect(await page(`limit=2&after=${ids[0]}`)).toEqual([2, 1]);
    for (const query of ['before=abc', 'after=-1', 'limit=0', 'limit=101', 'limit=x']) {
      const { status, body } = await call('GET', `/channels/${general.id}/messages?${query}`);
      expect([status, body.code]).toEqual([400, 50035]);
      now += 60_000;
    }
  });

  test('that are hidden are answered by nobody', async () => {
    const circumstances = { authorId: application.botId, onlyFor: alice.id, fileLimit: 1 };
    const { id } = await discord.messages.create(general, { content: 'secret' }, [], circumstances);
    const path = `/channels/${general.id}/messages`;
    const refused = await call('POST', path, { content: 'x', message_reference: { message_id: id } });
    expect(refused.body).toMatchObject({ code: 50035, errors: { message_reference: {} } });
    const reference = { message_id: id, fail_if_not_exists: false };
    const { body } = await call('POST', path, { content: 'x', message_reference: reference });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test('get no file by an edit where the app may attach none', async () => {
    const { id } = await say();
    guild.roles.get(guild.id)!.permissions &= ~P.AttachFiles;
    const path = `/channels/${general.id}/messages/${id}`;
    expect((await call('PATCH', path, {}, [new Blob(['a'])])).body.code).toBe(50013);
    expect((await call('PATCH', path, { content: 'x' })).status).toBe(200);
  });

  test('tell whom they name, as far as allowed_mentions lets them and the app may', async () => {
    const role = discord.createRole(guild, 'painters');
    const content = `@everyone <@${alice.id}> <@&${role}> <@1> <@&1>`;
    const told = async (body: object) => {
      const { mention_everyone, mentions, mention_roles } = await say({ content, ...body });
      return [mention_everyone, mentions.map(({ id }: User) => id), mention_roles];
    };
    // Only users: the app may not mention everyone.
    expect(await told({})).toEqual([false, [alice.id], []]);
    guild.roles.get(guild.id)!.permissions |= P.MentionEveryone;
    expect(await told({})).toEqual([true, [alice.id], [role]]);
    expect(await told({ allowed_mentions: { parse: [] } })).toEqual([false, [], []]);
    expect(await told({ allowed_mentions: { parse: ['everyone'] } })).toEqual([true, [], []]);
    expect(await told({ allowed_mentions: { roles: [role] } })).toEqual([false, [], [role]]);
    now += 60_000;
    const { id } = await say({ content: 'nobody' });
    const edited = await call('PATCH', `/channels/${general.id}/messages/${id}`, { content: '@here' });
    expect(edited.body.mention_everyone).toBe(true);
    const shown = { flags: 1 << 15, components: [{ type: 10, content: `<@&${role}>` }] };
    expect((await say(shown)).mention_roles).toEqual([role]);
  });

  test('stay as they are when an edit is refused', async () => {
    const { id } = await say({ content: 'before' });
    const path = `/channels/${general.id}/messages/${id}`;
    expect((await call('PATCH', path, { content: '' })).body.code).toBe(50006);
    expect((await call('PATCH', path, { content: 'after', embeds: [{ title: 'x'.repeat(257) }] })).status).toBe(400);
    expect((await call('PATCH', path, { content: 'x', flags: 1 << 15 })).status).toBe(400);
    expect((await call('GET', path)).body).toMatchObject({ content: 'before', edited_timestamp: null });
  });

  test('older than an hour are edited three times, then no more for a while', async () => {
    const { id } = await say();
    now += 60 * 60 * 1000 + 1;
    const edit = () => call('PATCH', `/channels/${general.id}/messages/${id}`, { content: 'x' });
    for (let i = 0; i < 3; i++) expect((await edit()).status).toBe(200);
    const refused = await edit();
    expect(refused).toMatchObject({ status: 429, body: { code: 30046 } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('are as large as 10 MiB a file, and 25 MiB a request', async () => {
    const mib = (count: number) => new Blob([new Uint8Array(count * 1024 * 1024)]);
    expect((await say({}, [mib(10)])).attachments[0].size).toBe(10 * 1024 * 1024);
    const over = await call('POST', `/channels/${general.id}/messages`, {}, [new Blob([mib(10), 'x'])]);
    expect(over).toMatchObject({ status: 413, body: { code: 40005 } });
    const together = await call('POST', `/channels/${general.id}/messages`, {}, [mib(9), mib(9), mib(9)]);
    expect(together).toMatchObject({ status: 413, body: { code: 40005 } });
  });

  test('with one nonce are one message', async () => {
    const body = { content: 'once', nonce: 'n', enforce_nonce: true };
    expect((await say(body)).id).toBe((await say(body)).id);
  });

  test('of others are not edited, and removed by moderators only', async () => {
    const { id } = await discord.as(alice).say(general, 'mine');
    const path = `/channels/${general.id}/messages/${id}`;
    expect((await call('PATCH', path, { content: 'yours' })).body.code).toBe(50005);
    expect((await call('DELETE', path)).body.code).toBe(50013);
    guild.roles.get(guild.id)!.permissions |= P.ManageMessages;
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).body.code).toBe(10008);
  });

  test('are removed together, two to a hundred, none older than two weeks', async () => {
    guild.roles.get(guild.id)!.permissions |= P.ManageMessages;
    const [one, two, three] = [await say(), await say(), await say()].map(({ id }) => id);
    const remove = (messages: string[]) => call('POST', `/channels/${general.id}/messages/bulk-delete`, { messages });
    expect((await remove([one!])).body.code).toBe(50016);
    expect((await remove([one!, two!])).status).toBe(204);
    now += 15 * 24 * 60 * 60 * 1000;
    const fresh = (await say()).id;
    expect((await remove([three!, fresh])).body.code).toBe(50034);
    expect(discord.messagesIn(general, alice).map(({ id }) => id)).toEqual([three, fresh]);
  });

  test('do not reach who takes no direct messages', async () => {
    const { body: channel } = await call('POST', '/users/@me/channels', { recipient_id: alice.id });
    const send = () => call('POST', `/channels/${channel.id}/messages`, { content: 'hello' });
    expect((await send()).status).toBe(200);
    alice.closed = true;
    expect((await send()).body.code).toBe(50007);
    alice.closed = false;
    guild.members.delete(alice.id);
    expect((await send()).body.code).toBe(50007);
  });
});

test('a message that is deleted while a file is added to it does not come back', async () => {
  const message = discord.world.message(general.id, (await say()).id);
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const file = { n: 0, name: 'red.png', type: 'image/png', bytes };
  const edited = discord.messages.edit(general, message, {}, [file], bytes.length);
  discord.messages.remove(general, message);
  await expect(edited).rejects.toMatchObject({ status: 404, code: 10008 });
  expect(discord.messagesIn(general, alice)).toEqual([]);
  expect(discord.world.files.size).toBe(0);
});

describe('reactions', () => {
  test('are given, listed and taken back by their encoded emoji', async () => {
    const { id } = await say();
    const path = `/channels/${general.id}/messages/${id}/reactions`;
    expect((await call('PUT', `${path}/%F0%9F%94%81/@me`)).status).toBe(204);
    discord.as(alice).react(discord.message({ channel_id: general.id, id }), '🔁');
    expect((await call('GET', `${path}/%F0%9F%94%81`)).body).toHaveLength(2);
    expect((await call('DELETE', `${path}/%F0%9F%94%81/${alice.id}`)).body.code).toBe(50013);
    guild.roles.get(guild.id)!.permissions |= P.ManageMessages;
    expect((await call('DELETE', `${path}/%F0%9F%94%81`)).status).toBe(204);
    expect((await call('GET', `${path}/%F0%9F%94%81`)).body).toEqual([]);
  });

  test('are emojis that there are, twenty different ones at most', async () => {
    const { id } = await say();
    const message = discord.message({ channel_id: general.id, id });
    const path = (emoji: string) => `/channels/${general.id}/messages/${id}/reactions/${encodeURIComponent(emoji)}/@me`;
    expect((await call('PUT', path('abc'))).body.code).toBe(10014);
    expect((await call('PUT', path('apple:1'))).body.code).toBe(10014);
    for (let i = 0; i < 20; i++) discord.as(alice).react(message, String.fromCodePoint(0x1f600 + i));
    expect((await call('PUT', path('❤️'))).body.code).toBe(30010);
    expect((await call('PUT', path('😀'))).status).toBe(204);
  });

  test('need a permission unless the emoji is there already', async () => {
    const { id } = await say();
    guild.roles.get(guild.id)!.permissions &= ~P.AddReactions;
    const path = `/channels/${general.id}/messages/${id}/reactions/%F0%9F%91%8D/@me`;
    expect((await call('PUT', path)).body.code).toBe(50013);
    discord.as(alice).react(discord.message({ channel_id: general.id, id }), '👍');
    expect((await call('PUT', path)).status).toBe(204);
  });
});

describe('an app', () => {
  test('without a token that is right is refused', async () => {
    application.token = 'another';
    const response = await fetch(`${discord.apiUrl}/v10/gateway/bot`, { headers: { authorization: 'Bot wrong' } });
    expect(response.status).toBe(401);
  });

  test('sees what Discord shows of itself, its guilds, channels, roles and members', async () => {
    for (const path of [
      '/gateway',
      '/gateway/bot',
      '/users/@me',
      `/users/${alice.id}`,
      '/applications/@me',
      '/oauth2/applications/@me',
      `/guilds/${guild.id}`,
      `/guilds/${guild.id}/channels`,
      `/guilds/${guild.id}/roles`,
      `/guilds/${guild.id}/members/${alice.id}`,
      `/guilds/${guild.id}/emojis`,
      `/guilds/${guild.id}/stickers`,
      `/channels/${general.id}`,
      `/channels/${general.id}/messages`,
    ]) {
      const { status, headers } = await call('GET', path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.get('x-ratelimit-bucket')).toBeTruthy();
    }
    expect((await call('GET', '/guilds/1')).body.code).toBe(10004);
    expect((await call('GET', `/guilds/${guild.id}/members/1`)).body.code).toBe(10007);
  });

  test('may not see a channel that is closed to it, nor send, nor attach where it may not', async () => {
    const closed = (deny: bigint) =>
      discord.createChannel(guild, 'closed', { overwrites: [{ id: guild.id, type: 0, allow: 0n, deny }] });
    expect((await call('GET', `/channels/${closed(P.ViewChannel).id}`)).body.code).toBe(50001);
    const silent = closed(P.SendMessages);
    expect((await call('POST', `/channels/${silent.id}/messages`, { content: 'x' })).body.code).toBe(50013);
    const bare = closed(P.AttachFiles);
    expect((await call('POST', `/channels/${bare.id}/messages`, {}, [new Blob(['x'])])).body.code).toBe(50013);
  });

  test('is held back when it asks too often', async () => {
    const send = () => call('POST', `/channels/${general.id}/messages`, { content: 'x' });
    for (let i = 0; i < 5; i++) expect((await send()).status).toBe(200);
    const limited = await send();
    expect(limited).toMatchObject({ status: 429, body: { global: false } });
    expect(limited.headers.get('x-ratelimit-scope')).toBe('user');
    expect(limited.body.retry_after).toBeGreaterThan(0);
    now += 5001;
    expect((await send()).status).toBe(200);
  });

  test('registers 200 new commands a day at most; names that it had do not count', async () => {
    const path = `/applications/${application.id}/commands`;
    const names = (from: number) => Array.from({ length: 100 }, (_, i) => ({ name: `c${from + i}`, description: 'x' }));
    for (const from of [0, 100]) expect((await call('PUT', path, names(from))).status).toBe(200);
    expect((await call('PUT', path, names(100))).status).toBe(200);
    expect((await call('PUT', path, names(200))).body.code).toBe(30034);
  });

  test('owns emojis of its own', async () => {
    const image = await sharp({ create: { width: 128, height: 128, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const path = `/applications/${application.id}/emojis`;
    const made = await call('POST', path, {
      name: 'apple',
      image: `data:image/png;base64,${image.toString('base64')}`,
    });
    expect(made.status).toBe(201);
    expect((await call('GET', path)).body.items).toMatchObject([{ id: made.body.id, name: 'apple' }]);
    expect((await call('DELETE', `${path}/${made.body.id}`)).status).toBe(204);
    expect((await call('GET', path)).body.items).toEqual([]);
  });

  test('opens a thread, in which the rules of its channel hold', async () => {
    const { id } = await say();
    const { status, body } = await call('POST', `/channels/${general.id}/messages/${id}/threads`, { name: 'more' });
    expect([status, body.id, body.parent_id]).toEqual([201, id, general.id]);
    expect((await call('POST', `/channels/${id}/messages`, { content: 'in it' })).status).toBe(200);
    expect((await call('POST', `/channels/${general.id}/threads`, { name: 'another', type: 11 })).status).toBe(201);
  });
});

describe('an interaction', () => {
  let client: Client<true>;
  beforeEach(async () => {
    client = new Client<true>({ intents: [Intent.Guilds], rest: { api: discord.apiUrl } });
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
    await client.login(application.token);
    await ready;
    const commands = [
      { name: 'imagine', description: 'x', integration_types: [0, 1], contexts: [0, 1, 2] },
      { name: 'pick', description: 'x', options: [{ type: 3, name: 'of', description: 'x', autocomplete: true }] },
    ];
    await call('PUT', `/applications/${application.id}/commands`, commands);
  });
  afterEach(() => client.destroy());

  /** The address for the first answer, and the one for all later ones. */
  const arrived = () =>
    new Promise<{ callback: string; webhook: string }>((resolve) => {
      client.once(Events.InteractionCreate, ({ id, token }) =>
        resolve({ callback: `/interactions/${id}/${token}/callback`, webhook: `/webhooks/${application.id}/${token}` }),
      );
    });

  test('is answered once, however many answers come at the same time', async () => {
    const coming = arrived();
    const running = discord.as(alice).run(general, 'imagine');
    const { callback } = await coming;
    const answers = await Promise.all(
      [1, 2, 3].map((n) => call('POST', callback, { type: 4, data: { content: `${n}` } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400, 400]);
    expect(answers.find(({ status }) => status === 400)?.body.code).toBe(40060);
    await running;
    expect(discord.messagesIn(general, alice)).toHaveLength(1);
  });

  test('that was answered wrongly may be answered again', async () => {
    const coming = arrived();
    const running = discord.as(alice).run(general, 'imagine');
    const { callback } = await coming;
    expect((await call('POST', callback, { type: 4, data: { content: '' } })).status).toBe(400);
    expect((await call('POST', callback, { type: 7, data: { content: 'x' } })).status).toBe(400);
    expect((await call('POST', callback, { type: 4, data: { content: 'right' } })).status).toBe(204);
    expect((await running).message.content).toBe('right');
  });

  test('that is hidden is seen by its user alone, and by no route of its channel', async () => {
    const coming = arrived();
    const running = discord.as(alice).run(general, 'imagine');
    const { callback, webhook } = await coming;
    await call('POST', callback, { type: 5, data: { flags: 64 } });
    const { message } = await running;
    // What was hidden when it was deferred stays so.
    const { body } = await call('PATCH', `${webhook}/messages/%40original`, { content: 'done' });
    expect(body.flags & 64).toBe(64);
    expect((await call('GET', `/channels/${general.id}/messages/${message.id}`)).body.code).toBe(10008);
    expect(discord.messagesIn(general, discord.createUser('bob'))).toEqual([]);
    expect((await call('GET', `${webhook}/messages/@original`)).body.content).toBe('done');
    expect((await call('DELETE', `${webhook}/messages/@original`)).status).toBe(204);
    expect((await call('PATCH', `${webhook}/messages/@original`, { content: 'x' })).body.code).toBe(10008);
  });

  test('on a hidden message is answered without showing it to all', async () => {
    const circumstances = { authorId: application.botId, onlyFor: alice.id, fileLimit: 1 };
    const hidden = await discord.messages.create(general, { content: 'secret' }, [], circumstances);
    const coming = arrived();
    const running = discord.as(alice).component(hidden, 'button', 2);
    const { callback } = await coming;
    await call('POST', callback, { type: 4, data: { content: 'for all' } });
    const { message } = await running;
    expect(message.onlyFor).toBeNull();
    expect(JSON.stringify(discord.payloads.message(message, alice.id))).not.toContain('secret');
  });

  test('by a command without default permissions is for administrators', async () => {
    const bob = discord.createUser('bob');
    discord.join(guild, bob);
    const command = { name: 'settings', description: 'x', default_member_permissions: '0' };
    await call('POST', `/applications/${application.id}/commands`, command);
    await expect(discord.as(bob).run(general, 'settings')).rejects.toThrow('bob sees no command "settings" here.');
    const coming = arrived();
    const running = discord.as(alice).run(general, 'settings');
    const { callback } = await coming;
    await call('POST', callback, { type: 4, data: { content: 'x' } });
    expect((await running).message.content).toBe('x');
  });

  test('is deferred with no flag but that it is hidden', async () => {
    const coming = arrived();
    const running = discord.as(alice).run(general, 'imagine');
    const { callback } = await coming;
    expect((await call('POST', callback, { type: 5, data: { flags: 1 << 15 } })).status).toBe(400);
    expect((await call('POST', callback, { type: 5 })).status).toBe(204);
    await running;
  });

  test('tells what came of it when asked to', async () => {
    const coming = arrived();
    void discord.as(alice).run(general, 'imagine');
    const { callback } = await coming;
    const { status, body } = await call('POST', `${callback}?with_response=true`, { type: 4, data: { content: 'x' } });
    expect(status).toBe(200);
    expect(body.resource.message.content).toBe('x');
    expect(body.interaction.response_message_id).toBe(body.resource.message.id);
  });

  test('has five follow-ups where only its user brought the app to', async () => {
    const bob = discord.createUser('bob');
    const elsewhere = discord.createGuild('elsewhere', bob);
    const lobby = discord.createChannel(elsewhere, 'lobby');
    discord.install(application, bob);
    const coming = arrived();
    const running = discord.as(bob).run(lobby, 'imagine');
    const { callback, webhook } = await coming;
    await call('POST', callback, { type: 4, data: { content: 'x' } });
    await running;
    for (let i = 0; i < 5; i++) expect((await call('POST', webhook, { content: `${i}` })).status).toBe(200);
    expect((await call('POST', webhook, { content: '5' })).body.code).toBe(40094);
  });

  test('for suggestions takes 25 of them, and nothing else', async () => {
    const coming = arrived();
    const asking = discord.as(alice).autocomplete(general, 'pick', 'of', 'a');
    const { callback } = await coming;
    const choices = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, value: `${i}` }));
    expect((await call('POST', callback, { type: 5 })).status).toBe(400);
    expect((await call('POST', callback, { type: 4, data: { content: 'x' } })).status).toBe(400);
    expect((await call('POST', callback, { type: 8, data: { choices: choices(26) } })).status).toBe(400);
    expect((await call('POST', callback, { type: 8, data: { choices: choices(25) } })).status).toBe(204);
    expect(await asking).toHaveLength(25);
  });
});
