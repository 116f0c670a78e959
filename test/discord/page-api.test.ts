import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type APIApplicationCommand, PermissionFlagsBits as P } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { servePage } from '../../src/discord/page-api.js';
import type { Channel, User } from '../../src/discord/things.js';
import { DrivenDiscord } from './drive/driven-discord.js';

let discord: DrivenDiscord;
let alice: User;
let bob: User;
let general: Channel;

beforeEach(async () => {
  discord = await DrivenDiscord.start();
  alice = discord.createUser('alice');
  bob = discord.createUser('bob');
  const guild = discord.createGuild('studio', alice);
  discord.join(guild, bob);
  general = discord.createChannel(guild, 'general');
  servePage(discord, '/nowhere', () => []);
});
afterEach(() => discord.stop());

/** Asks with headers that fetch would not let one set. @returns the status. */
function ask(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(`${discord.url}${path}`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    asking.on('error', reject).end();
  });
}

/** How a window's connection ends: its code, 0 when it is let in, 1006 when it is cut off before that. */
function knock(account: string, headers: Record<string, string> = {}): Promise<number> {
  return connect(`/page/api/live?account=${account}`, headers);
}

function connect(path: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(`${discord.url.replace('http', 'ws')}${path}`, { headers });
  return new Promise((resolve) => {
    // 'close' follows.
    socket.on('error', () => {});
    socket.on('close', resolve);
    socket.on('message', () => {
      resolve(0);
      socket.close();
    });
  });
}

describe('the page', () => {
  test('is served to itself, not to other web sites', async () => {
    const { host } = new URL(discord.url);
    expect(await ask('/page/api/accounts', {})).toBe(200);
    expect(await ask('/page/api/accounts', { origin: `http://${host}` })).toBe(200);
    expect(await ask('/page/api/accounts', { origin: 'https://evil.example' })).toBe(403);
    expect(await ask('/page/api/accounts', { origin: 'null' })).toBe(403);
    // A name that was pointed at this machine (DNS rebinding) names itself as the host.
    expect(await ask('/page/api/accounts', { host: 'evil.example' })).toBe(403);
    expect(await ask('/page/api/accounts', { host: '127.0.0.1.evil.example' })).toBe(403);
  });

  // All of 127.0.0.0/8 is this machine on Linux alone: elsewhere nothing answers there.
  test.skipIf(process.platform !== 'linux')(
    'is heard on other addresses only when told so, and as strict',
    async () => {
      const at = (server: DrivenDiscord) => server.url.replace('127.0.0.1', '127.0.0.2');
      await expect(fetch(at(discord))).rejects.toThrow('fetch failed');
      const everywhere = await DrivenDiscord.start({ host: '0.0.0.0' });
      servePage(everywhere, '/nowhere', () => []);
      const user = everywhere.createUser('carol');
      expect((await fetch(`${at(everywhere)}/page/api/accounts`)).status).toBe(403);
      expect((await fetch(`${everywhere.url}/page/api/accounts`)).status).toBe(200);
      expect(everywhere.url).toContain('127.0.0.1');
      const socket = new WebSocket(`${at(everywhere).replace('http', 'ws')}/page/api/live?account=${user.id}`);
      expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(4004);
      await everywhere.stop();
    },
  );

  test('shows live what happens to its user, not to other web sites or to nobody', async () => {
    expect(await knock(alice.id)).toBe(0);
    expect(await knock(alice.id, { origin: 'https://evil.example' })).toBe(1006);
    expect(await knock(alice.id, { origin: 'null' })).toBe(1006);
    expect(await knock('1')).toBe(4004);
  });

  test('goes on after sockets of any path and frames of any size', async () => {
    expect(await connect('//')).toBe(1006);
    expect(await ask('//', {})).toBeLessThan(500);
    const socket = new WebSocket(`${discord.url.replace('http', 'ws')}/page/api/live?account=${alice.id}`);
    socket.on('error', () => {});
    socket.on('open', () => socket.send('x'.repeat(100_000)));
    expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(1009);
    expect(await knock(alice.id)).toBe(0);
  });

  test('shows who has a window open', async () => {
    const watch = (account: User) =>
      new WebSocket(`${discord.url.replace('http', 'ws')}/page/api/live?account=${account.id}`);
    const online: string[][] = [];
    const one = watch(alice);
    one.on('message', (text) => online.push(JSON.parse(String(text)).d.online));
    await expect.poll(() => online.at(-1)).toEqual([alice.id]);
    const other = watch(bob);
    await expect.poll(() => online.at(-1)).toEqual([alice.id, bob.id]);
    other.close();
    await expect.poll(() => online.at(-1)).toEqual([alice.id]);
    one.close();
  });

  test('gives out uploads as what cannot act as the page: only pictures and videos are shown', async () => {
    const headersOf = async (type: string) => {
      const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
      const circumstances = { authorId: bob.id, fileLimit: 1000 };
      const message = await discord.messages.create(general, {}, [{ n: 0, name: 'file', type, bytes }], circumstances);
      const { headers } = await fetch(discord.payloads.message(message, alice.id).attachments[0]!.url);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none';/);
      return headers.get('content-disposition');
    };
    expect(await headersOf('image/svg+xml')).toBe('attachment');
    expect(await headersOf('text/html')).toBe('attachment');
    expect(await headersOf('image/png')).toBeNull();
    expect(await headersOf('video/mp4')).toBeNull();
  });

  test('may be framed by nobody', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'page-'));
    await writeFile(join(folder, 'index.html'), 'hello');
    servePage(discord, folder, () => []);
    const { headers } = await fetch(discord.url);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    await rm(folder, { recursive: true });
  });

  test('reads no file outside its folder', async () => {
    expect(await ask('/assets/..%2f..%2f..%2fetc%2fpasswd', {})).toBe(404);
    expect(await ask('/assets/%2e%2e/%2e%2e/etc/passwd', {})).toBe(404);
  });

  test('a hidden message is in no history; its user alone may dismiss it', async () => {
    const { id } = await discord.messages.create(general, { content: 'hidden' }, [], {
      authorId: bob.id,
      onlyFor: alice.id,
      fileLimit: 1,
    });
    const path = `/page/api/channels/${general.id}/messages`;
    const read = async (user: User) => {
      const answer = await fetch(`${discord.url}${path}`, { headers: { 'x-account': user.id } });
      return ((await answer.json()) as { content: string }[]).map(({ content }) => content);
    };
    expect(await read(alice)).toEqual([]);
    expect(await read(bob)).toEqual([]);
    expect(await ask(`${path}?before=abc`, { 'x-account': bob.id })).toBe(400);
    const dismiss = async (user: User) =>
      (await fetch(`${discord.url}${path}/${id}`, { method: 'DELETE', headers: { 'x-account': user.id } })).status;
    expect(await dismiss(bob)).toBe(404);
    expect(await dismiss(alice)).toBe(204);
  });

  test('sets the language of an account’s client, which its interactions carry', async () => {
    const set = async (locale: string) =>
      (
        await fetch(`${discord.url}/page/api/me`, {
          method: 'PATCH',
          headers: { 'x-account': bob.id, 'content-type': 'application/json' },
          body: JSON.stringify({ locale }),
        })
      ).status;
    expect(await set('de')).toBe(204);
    expect([alice.locale, bob.locale]).toEqual(['en-US', 'de']);
    expect(await set('xx')).toBe(400);
    expect(bob.locale).toBe('de');
  });

  test('lets who manages a server set its language, and tells the apps', async () => {
    const heard: string[] = [];
    discord.world.listen(({ name, data }) => {
      if (name === 'GUILD_UPDATE') heard.push((data as { preferred_locale: string }).preferred_locale);
    });
    const set = async (user: User) =>
      (
        await fetch(`${discord.url}/page/api/guilds/${general.guildId}`, {
          method: 'PATCH',
          headers: { 'x-account': user.id, 'content-type': 'application/json' },
          body: JSON.stringify({ preferred_locale: 'ja' }),
        })
      ).status;
    expect(await set(bob)).toBe(403);
    expect(heard).toEqual([]);
    expect(await set(alice)).toBe(204);
    expect(heard).toEqual(['ja']);
  });

  describe('refuses who may not', () => {
    const asBob = (path: string, body: object, file?: Blob) => {
      const form = new FormData();
      form.set('payload_json', JSON.stringify(body));
      if (file) form.set('files[0]', file, 'a.txt');
      return fetch(`${discord.url}/page/api/channels/${path}`, {
        method: 'POST',
        headers: { 'x-account': bob.id },
        body: form,
      });
    };
    const codeOf = async (answer: Response) => ((await answer.json()) as { code: number }).code;
    const deny = (deny: bigint) => {
      general.overwrites = [{ id: bob.id, type: 1, allow: 0n, deny }];
    };

    test('attach files: the text alone is sent', async () => {
      deny(P.AttachFiles);
      const send = (file?: Blob) => asBob(`${general.id}/messages`, { content: 'look' }, file);
      const refused = await send(new Blob(['text']));
      expect([refused.status, await codeOf(refused)]).toEqual([403, 50013]);
      expect(discord.world.files.size).toBe(0);
      expect((await send()).status).toBe(200);
    });

    test('use a command: without the permission, by its own permissions, and in other contexts', async () => {
      const guild = discord.world.guild(general.guildId!);
      const application = discord.createApplication('easel');
      discord.install(application, guild);
      const heard: string[] = [];
      discord.world.listen(({ name }) => heard.push(name));
      const run = async (more: object) => {
        const command = { id: '1', type: 1, name: 'imagine', description: 'paints', ...more };
        application.commands.set('', [command as unknown as APIApplicationCommand]);
        for (const type of [2, 4]) {
          const data = { id: '1', type: 1, options: [] };
          const answer = await asBob(
            `${general.id}/interactions`,
            { type, application_id: application.id, data },
            new Blob(['text']),
          );
          expect([answer.status, await codeOf(answer)]).toEqual([403, 50013]);
        }
      };
      await run({ default_member_permissions: String(P.ManageGuild) });
      await run({ default_member_permissions: '0' });
      await run({ contexts: [1, 2] });
      await run({ integration_types: [1] });
      await run({ nsfw: true });
      deny(P.UseApplicationCommands);
      await run({});
      expect(heard).not.toContain('INTERACTION_CREATE');
      expect(discord.world.files.size).toBe(0);
    });
  });
});
