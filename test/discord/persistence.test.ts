import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InteractionType } from 'discord-api-types/v10';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Persistence } from '../../src/discord/storage/persistence.js';
import { EaselError } from '../../src/engine/errors.js';
import { DrivenDiscord } from './drive/driven-discord.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-discord-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function start() {
  const discord = await DrivenDiscord.start();
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
  const file = await world.file(again.attachments[0]!.id);
  expect(Buffer.from(file!.bytes).toString()).toBe('hello');
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

async function refusal(): Promise<string> {
  const discord = await DrivenDiscord.start();
  const error = await Persistence.open(discord.world, folder).catch((error) => error);
  await discord.stop();
  expect(error).toBeInstanceOf(EaselError);
  expect(error.message).not.toContain('\n');
  return error.message;
}

test('a world that cannot be read is refused, and nothing of it is lost', async () => {
  const world = join(folder, 'world.sqlite');
  const first = await start();
  const alice = first.discord.createUser('alice');
  const general = first.discord.createChannel(first.discord.createGuild('studio', alice), 'general');
  await first.discord.as(alice).say(general, 'look', [{ name: 'a.txt', bytes: Buffer.from('hello') }]);
  await first.stop();
  const whole = await readFile(world);
  const files = await readdir(join(folder, 'files'));

  for (const damage of [whole.length - 10, whole.length / 2, 100, 0]) {
    await writeFile(world, whole);
    await truncate(world, damage);
    expect(await refusal()).toMatch(/world\.sqlite is damaged .* move the folder .* away/);
    expect(await readdir(join(folder, 'files'))).toEqual(files);
  }
  await writeFile(world, 'something else entirely, and longer than the header of a database'.repeat(10));
  expect(await refusal()).toContain('world.sqlite is damaged (');
  await writeFile(world, whole);
  change(world, `UPDATE things SET value = '{"id":' WHERE kind = 'users'`);
  expect(await refusal()).toContain('world.sqlite is damaged (');
  await writeFile(world, whole);
  change(world, 'PRAGMA user_version = 2');
  expect(await refusal()).toContain('world.sqlite was written by a newer version of Easel');
  await rm(world);
  await mkdir(world);
  expect(await refusal()).toContain('world.sqlite cannot be read (EISDIR)');
  await rm(world, { recursive: true });
  await writeFile(world, whole);
  await rm(join(folder, 'files', files[0]!));
  await mkdir(join(folder, 'files', files[0]!));
  expect(await refusal()).toContain('cannot be read (EISDIR)');
  expect(await readdir(join(folder, 'files'))).toEqual(files);
});

const EARLIER = fileURLToPath(new URL('../fixtures/stores/0.1.0/discord', import.meta.url));

test('a world that an earlier version kept in world.json is taken over whole', async () => {
  await cp(EARLIER, folder, { recursive: true });
  const earlier = JSON.parse(await readFile(join(EARLIER, 'world.json'), 'utf8'));
  const entries = (map: { $map: [string, { $map: [string, unknown][] }][] }) => map.$map;
  const files = await readdir(join(folder, 'files'));
  for (const when of ['taken over', 'read again']) {
    const { discord, restored, stop } = await start();
    expect(restored, when).toBe(true);
    const { world } = discord;
    for (const part of ['users', 'guilds', 'channels', 'applications', 'interactions', 'files'] as const) {
      expect([...world[part].keys()]).toEqual(entries(earlier[part]).map(([key]) => key));
    }
    for (const [channel, messages] of entries(earlier.messages)) {
      expect([...(world.messages.get(channel)?.keys() ?? [])]).toEqual(messages.$map.map(([id]) => id));
    }
    const [guild] = world.guilds.values();
    expect(guild!.roles.get(guild!.id)!.permissions).toBe(1126211292351552n);
    for (const id of files) {
      expect(Buffer.from((await world.file(id))!.bytes)).toEqual(await readFile(join(EARLIER, 'files', id)));
    }
    await stop();
    expect((await readdir(folder)).sort()).toEqual(['files', 'lock', 'world.sqlite']);
  }
});

test('an earlier world.json that is damaged is refused, and stays', async () => {
  const world = join(folder, 'world.json');
  await cp(EARLIER, folder, { recursive: true });
  const { size } = await stat(world);
  await truncate(world, size - 10);
  expect(await refusal()).toMatch(/world\.json is damaged .* move the folder .* away/);
  await writeFile(world, '{}');
  expect(await refusal()).toContain('world.json is damaged (users is missing)');
  await rm(world);
  await mkdir(world);
  expect(await refusal()).toContain('world.json cannot be read (EISDIR)');
  expect((await readdir(folder)).sort()).toEqual(['files', 'lock', 'world.json']);
});

test('what happens writes a row for each thing that changed, and no other', async () => {
  const { discord, stop } = await start();
  const alice = discord.createUser('alice');
  const general = discord.createChannel(discord.createGuild('studio', alice), 'general');
  const user = discord.as(alice);
  const messages = [];
  for (let i = 0; i < 200; i++) messages.push(await user.say(general, `message ${i}`));
  change(
    join(folder, 'world.sqlite'),
    `CREATE TABLE written (what TEXT);
    CREATE TRIGGER a AFTER INSERT ON things BEGIN INSERT INTO written VALUES ('add ' || new.kind); END;
    CREATE TRIGGER b AFTER UPDATE ON things BEGIN INSERT INTO written VALUES ('change ' || new.kind); END;
    CREATE TRIGGER c AFTER DELETE ON things BEGIN INSERT INTO written VALUES ('remove ' || old.kind); END;`,
  );
  await user.say(general, 'one more', [{ name: 'a.txt', bytes: Buffer.from('hello') }]);
  user.react(messages[0]!, '🔁');
  user.delete(messages[1]!);
  await stop();
  expect(rows('SELECT what FROM written').map(({ what }) => what)).toEqual([
    'add files',
    'add messages',
    'change messages',
    'remove messages',
  ]);
});

/** A process that tells of each message that was sent, and goes on until it is killed or nothing can be written. */
const TALKER = `
import { LocalDiscord } from '${new URL('../../dist/src/discord/local-discord.js', import.meta.url)}';
import { Persistence } from '${new URL('../../dist/src/discord/storage/persistence.js', import.meta.url)}';
const discord = await LocalDiscord.start();
const say = (line) => process.stdout.write(line + '\\n');
await Persistence.open(discord.world, process.argv[1], { tell: (line) => { say(line); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500); } });
const alice = discord.createUser('alice');
const general = discord.createChannel(discord.createGuild('studio', alice), 'general');
discord.world.listen(({ name, data }) => { if (name === 'MESSAGE_CREATE') say(data.id + ' ' + (data.attachments[0]?.id ?? '')); });
const bytes = Buffer.alloc(5000, 7);
const by = { authorId: alice.id, fileLimit: alice.attachmentLimit };
for (let n = 0; ; n++) {
  const files = n % 3 ? [] : [{ n: 0, name: 'a.txt', type: 'text/plain', bytes }];
  await discord.messages.create(general, { content: 'x'.repeat(1000) }, files, by);
}
`;

/** What it told of, and what else it said. It is killed after `lines`. */
async function talk(limit: string, lines = Number.POSITIVE_INFINITY) {
  const command = `ulimit -f ${limit}; exec "$0" --input-type=module --eval "$1" "$2"`;
  const child = spawn('/bin/bash', ['-c', command, process.execPath, TALKER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (part) => {
    text += part;
    if (text.split('\n').length > lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const said = text.split('\n').slice(0, -1);
  const trouble = said.findIndex((line) => line.startsWith('Nothing can be written'));
  const written = trouble < 0 ? said : said.slice(0, trouble);
  return {
    written: written.map((line) => line.split(' ')),
    trouble: said.filter((line) => line.startsWith('Nothing')),
  };
}

async function expectAll(told: string[][]) {
  const { discord, stop } = await start();
  const [messages] = discord.world.messages.values();
  for (const [id, file] of told) {
    expect(messages!.has(id!)).toBe(true);
    if (file) expect((await discord.world.file(file))?.bytes).toHaveLength(5000);
  }
  await stop();
}

test('whatever anybody was told of is there after kill -9', async () => {
  const { written } = await talk('unlimited', 100);
  expect(written.length).toBeGreaterThanOrEqual(99);
  await expectAll(written);
});

test('a full disk is told of once, and leaves a whole world', async () => {
  // No file larger than 200 KiB: as on a full disk, only for this process.
  const { written, trouble } = await talk('200');
  expect(trouble).toHaveLength(1);
  expect(written.length).toBeGreaterThan(3);
  await expectAll(written);
});

test('what could not be written is told of once, and written when it can be', async () => {
  const lines: string[] = [];
  const discord = await DrivenDiscord.start();
  const { persistence } = await Persistence.open(discord.world, folder, { tell: (line) => lines.push(line) });
  const alice = discord.createUser('alice');
  const general = discord.createChannel(discord.createGuild('studio', alice), 'general');
  const another = new Database(join(folder, 'world.sqlite'));
  another.exec('BEGIN IMMEDIATE');
  await discord.as(alice).say(general, 'still talking');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Nothing can be written to .* \(SQLITE_BUSY\)/);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await discord.as(alice).say(general, 'and on');
  expect(lines).toHaveLength(1);
  another.exec('ROLLBACK');
  another.close();
  const kept = () =>
    rows(`SELECT value FROM things WHERE kind = 'messages'`).map(({ value }) => JSON.parse(value!).content);
  await expect.poll(kept).toEqual(['still talking', 'and on']);

  // A file that cannot be written is held, and its message not written down before it.
  await rename(join(folder, 'files'), join(folder, 'away'));
  await writeFile(join(folder, 'files'), '');
  const look = await discord.as(alice).say(general, 'look', [{ name: 'a.txt', bytes: Buffer.from('hello') }]);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^Nothing can be written to .* \(ENOTDIR\)/);
  const { id } = look.attachments[0]!;
  expect(Buffer.from((await discord.world.file(id))!.bytes).toString()).toBe('hello');
  expect(kept()).not.toContain('look');
  await rm(join(folder, 'files'));
  await rename(join(folder, 'away'), join(folder, 'files'));
  await expect.poll(kept).toContain('look');
  expect(await readFile(join(folder, 'files', id), 'utf8')).toBe('hello');
  await persistence.close();
  await discord.stop();
});

test.skipIf(process.platform === 'win32')('nobody else may read it, whatever the umask', async () => {
  const before = process.umask(0o022);
  try {
    folder = join(folder, 'discord');
    const { discord, stop } = await start();
    const alice = discord.createUser('alice');
    const general = discord.createChannel(discord.createGuild('studio', alice), 'general');
    await discord.as(alice).say(general, 'look', [{ name: 'a.txt', bytes: Buffer.from('hello') }]);
    const names = ['.', ...(await readdir(folder, { recursive: true }))];
    expect(names).toEqual(expect.arrayContaining(['lock', 'world.sqlite', 'world.sqlite-wal', 'world.sqlite-shm']));
    for (const name of names) {
      const found = await stat(join(folder, name));
      expect([name, (found.mode & 0o777).toString(8)]).toEqual([name, found.isFile() ? '600' : '700']);
    }
    await stop();
  } finally {
    process.umask(before);
    folder = join(folder, '..');
  }
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
  const original = (discord: DrivenDiscord) =>
    `${discord.apiUrl}/v10/webhooks/${application.id}/${token}/messages/@original`;
  const edited = await ask(original(second.discord), 'PATCH', { content: 'a red apple' });
  expect(edited.status).toBe(200);
  const [message] = second.discord.world.messages.get(general.id)!.values();
  expect(message).toMatchObject({ content: 'a red apple', flags: 0 });
  second.discord.interactions.expireTokens();
  expect((await ask(original(second.discord), 'PATCH', { content: 'late' })).status).toBe(401);
  await second.stop();
});

/** Runs SQL as another process would. */
function change(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

function rows(sql: string): Record<string, string>[] {
  const database = new Database(join(folder, 'world.sqlite'));
  const found = database.prepare(sql).all() as Record<string, string>[];
  database.close();
  return found;
}
