import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalDiscord } from '../../src/discord/drive/local-discord.js';
import { Persistence } from '../../src/discord/persistence.js';

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
