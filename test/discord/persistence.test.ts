import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InteractionType } from 'discord-api-types/v10';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LocalDiscord } from '../../src/discord/drive/local-discord.js';
import { Persistence } from '../../src/discord/persistence.js';
import { EaselError } from '../../src/engine/errors.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-discord-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function start() {
  const discord = await LocalDiscord.start();
  const { persistence, restored } = await Persistence.open(discord.world, folder);
  const stop = async () => {
    await persistence.close();
    await discord.stop();
  };
  return { discord, restored, stop };
}

test('messages, files, reactions and permissions are there after a restart, and ids go on', async () => {
  const first = await start();
  expect(first.restored).toBe(false);
  const application = first.discord.createApplication('easel');
  const alice = first.discord.createUser('alice');
  const guild = first.discord.createGuild('studio', alice);
  first.discord.install(application, guild);
  const overwrites = [{ id: guild.id, type: 0 as const, allow: 1n << 50n, deny: 1n << 11n }];
  const general = first.discord.createChannel(guild, 'general', { overwrites });
  const user = first.discord.as(alice);
  const message = await user.say(general, 'look', [{ name: 'a.txt', bytes: Buffer.from('hello') }]);
  const gone = await user.say(general, 'gone', [{ name: 'b.txt', bytes: Buffer.from('bye') }]);
  user.react(message, '🔁');
  user.delete(gone);
  await first.stop();

  const second = await start();
  expect(second.restored).toBe(true);
  const { world } = second.discord;
  const again = second.discord.message(message);
  expect(again).toEqual(message);
  expect(Buffer.from(second.discord.file(again)).toString()).toBe('hello');
  expect(world.channel(general.id).overwrites).toEqual(overwrites);
  expect(world.applicationByToken(application.token).guilds).toEqual(new Set([guild.id]));
  expect(() => second.discord.message(gone)).toThrow('Unknown Message');
  const next = await second.discord.as(world.user(alice.id)).say(world.channel(general.id), 'next');
  expect(BigInt(next.id)).toBeGreaterThan(BigInt(message.id));
  await second.stop();
  // Of the removed message no file is left.
  expect(await readdir(join(folder, 'files'))).toEqual([message.attachments[0]!.id]);
});

test('a folder is kept by one at a time', async () => {
  const first = await start();
  await expect(Persistence.open(first.discord.world, folder)).rejects.toThrow(/is in use by another Easel.*DATA_DIR/);
  // Held by another process, which then dies without a word.
  await first.stop();
  const holder = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import Database from 'libsql';
    new Database(${JSON.stringify(join(folder, 'lock'))}).exec('BEGIN EXCLUSIVE');
    console.log('held');
    setInterval(() => {}, 1000);`,
  ]);
  await once(holder.stdout, 'data');
  await expect(Persistence.open(first.discord.world, folder)).rejects.toThrow(/is in use by another Easel/);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await (await start()).stop();
});

test('a world that cannot be read is refused, and nothing of it is lost', async () => {
  const world = join(folder, 'world.json');
  const first = await start();
  const alice = first.discord.createUser('alice');
  const general = first.discord.createChannel(first.discord.createGuild('studio', alice), 'general');
  await first.discord.as(alice).say(general, 'look', [{ name: 'a.txt', bytes: Buffer.from('hello') }]);
  await first.stop();
  const whole = await readFile(world);
  const files = await readdir(join(folder, 'files'));
  const refusal = async () => {
    const discord = await LocalDiscord.start();
    const error = await Persistence.open(discord.world, folder).catch((error) => error);
    await discord.stop();
    expect(error).toBeInstanceOf(EaselError);
    expect(error.message).not.toContain('\n');
    return error.message;
  };

  await truncate(world, whole.length - 10);
  expect(await refusal()).toMatch(/world\.json is damaged .* move the folder .* away/);
  await writeFile(world, '{}');
  expect(await refusal()).toContain('world.json is damaged (users is missing)');
  await rm(world);
  await mkdir(world);
  expect(await refusal()).toContain('world.json cannot be read (EISDIR)');
  await rm(world, { recursive: true });
  await writeFile(world, whole);
  await rm(join(folder, 'files', files[0]!));
  await mkdir(join(folder, 'files', files[0]!));
  expect(await refusal()).toContain('cannot be read (EISDIR)');
  expect(await readdir(join(folder, 'files'))).toEqual(files);
});

test('what could not be written is said once, and written when it can be', async () => {
  const lines: string[] = [];
  const discord = await LocalDiscord.start();
  const { persistence } = await Persistence.open(discord.world, folder, (line) => lines.push(line));
  // Nothing can be written into a folder, as on a full disk.
  const inTheWay = join(folder, 'world.json.tmp');
  await mkdir(inTheWay);
  const alice = discord.createUser('alice');
  const general = discord.createChannel(discord.createGuild('studio', alice), 'general');
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000 });
  expect(lines[0]).toMatch(/^Nothing can be written to .* \(EISDIR\)/);
  await discord.as(alice).say(general, 'still talking');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(lines).toHaveLength(1);
  await rm(inTheWay, { recursive: true });
  await vi.waitFor(async () => expect(await readFile(join(folder, 'world.json'), 'utf8')).toContain('still talking'), {
    timeout: 10_000,
  });
  await persistence.close();
  await discord.stop();
});

test('an interaction goes on after a restart: its first message still becomes the answer', async () => {
  const first = await start();
  const application = first.discord.createApplication('easel');
  const alice = first.discord.createUser('alice');
  const guild = first.discord.createGuild('studio', alice);
  first.discord.install(application, guild);
  const general = first.discord.createChannel(guild, 'general');
  const { interactions } = first.discord;
  const { id, token } = interactions.create(application, InteractionType.ApplicationCommand, alice, general, {
    name: 'imagine',
    type: 1,
  });
  const ask = (url: string, method: string, body: object) =>
    fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const deferred = await ask(`${first.discord.apiUrl}/v10/interactions/${id}/${token}/callback`, 'POST', { type: 5 });
  expect(deferred.status).toBe(204);
  await first.stop();

  const second = await start();
  const original = (discord: LocalDiscord) =>
    `${discord.apiUrl}/v10/webhooks/${application.id}/${token}/messages/@original`;
  const edited = await ask(original(second.discord), 'PATCH', { content: 'a red apple' });
  expect(edited.status).toBe(200);
  const [message] = second.discord.world.messages.get(general.id)!.values();
  expect(message).toMatchObject({ content: 'a red apple', flags: 0 });
  second.discord.interactions.expireTokens();
  expect((await ask(original(second.discord), 'PATCH', { content: 'late' })).status).toBe(401);
  await second.stop();
});
