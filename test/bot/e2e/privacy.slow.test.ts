import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type APIEmbed, MessageFlags } from 'discord.js';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message, User } from '../../../src/discord/things.js';
import { Studio } from './harness.js';

// /privacy: what is stored, its export, and its deletion.

let studio: Studio;
let channel: Channel;
beforeAll(async () => {
  studio = await Studio.start({ PRIVACY_URL: 'https://example.org/privacy', USER_PER_HOUR: '20' });
  channel = studio.channel('private');
});
afterAll(() => studio.stop());

const BUTTON = 2;
const button = (message: Message, index: number) =>
  (message.components as unknown as { components: { custom_id: string }[] }[])[0]!.components[index]!.custom_id;

async function exported(user: User): Promise<Record<string, { [key: string]: unknown }[]>> {
  const { message } = await studio.discord.as(user).run(channel, 'privacy export');
  expect(message.flags! & MessageFlags.Ephemeral).toBeTruthy();
  await studio.discord.until(() => message.attachments.length > 0);
  expect(message.attachments[0]!.filename).toBe(`easel-${user.id}.json`);
  return JSON.parse(Buffer.from(studio.discord.file(message)).toString());
}

/** Whether a text is in the database, as another process reads it, or in a file's name. */
function onDisk(text: string): string[] {
  const database = new Database(join(studio.dataDir, 'easel.sqlite'), { readonly: true });
  const rows = database.prepare('SELECT namespace, key, value FROM easel').all() as Record<string, string>[];
  database.close();
  const files = ['pictures', 'outcomes'].flatMap((folder) => {
    const path = join(studio.dataDir, folder);
    return existsSync(path) ? readdirSync(path) : [];
  });
  return [...rows.map((row) => JSON.stringify(row)), ...files].filter((found) => found.includes(text));
}

/** Files in DATA_DIR that contain a text, even in deleted data. */
function grep(text: string): string[] {
  const names = readdirSync(studio.dataDir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.filter((file) => readFileSync(file).includes(text));
}

async function forget(user: User): Promise<Message> {
  const { message } = await studio.discord.as(user).run(channel, 'privacy delete');
  await studio.discord.as(user).press(message, 'Delete my data');
  await studio.discord.until(() => message.content.startsWith('Your data was deleted'));
  return message;
}

test('/privacy show says what is kept and links the policy of the operator, to the asker alone', async () => {
  const { message } = await studio.discord.as(studio.bob).run(channel, 'privacy show');
  expect(message.flags! & MessageFlags.Ephemeral).toBeTruthy();
  const [embed] = message.embeds as APIEmbed[];
  expect(embed!.description).toContain('https://example.org/privacy');
  expect(embed!.fields!.map(({ name }) => name)).toContain('The requests behind your pictures');
});

test('/privacy export gives everything of the asker and nothing of anybody else', async () => {
  const { discord, alice, bob } = studio;
  await studio.imagine(alice, channel, { prompt: 'a secret of alice' });
  const result = await studio.imagine(bob, channel, { prompt: 'a secret of bob', count: 2 });
  await studio.idle();
  const { message: long } = await discord.as(bob).run(channel, 'imagine', { prompt: 'a castle', steps: 150, count: 4 });
  const { results, jobs, limits, statistics } = await exported(bob);
  expect(results).toHaveLength(2);
  const one = results!.find(({ messageId }) => messageId === result.id)!;
  expect(one).toMatchObject({ userId: bob.id, request: { prompt: 'a secret of bob' } });
  expect(one.message).toBe(`https://discord.com/channels/${studio.guild.id}/${channel.id}/${result.id}`);
  expect(one.pictures).toHaveLength(2);
  expect(jobs).toHaveLength(1);
  expect(jobs![0]).toMatchObject({ request: { prompt: 'a castle' } });
  expect(limits![0]).toMatchObject({ pictures: 6 });
  expect(statistics![0]).toMatchObject({ place: studio.guild.id, counters: { total: { pictures: 2 } } });
  expect(JSON.stringify({ results, jobs, limits, statistics })).not.toContain('alice');
  await discord.as(bob).run(channel, 'cancel');
  await discord.until(() => long.content.endsWith('\nCancelled.'));
  await studio.idle();
});

describe('/privacy delete', () => {
  test('does nothing unless the member confirms', async () => {
    const { discord, alice, bob } = studio;
    const { message } = await discord.as(bob).run(channel, 'privacy delete');
    const other = await discord.as(alice).component(message, button(message, 0), BUTTON);
    expect(other.message.content).toBe('Only the person whose data this is can do this.');
    await discord.as(bob).press(message, 'Keep everything');
    await discord.until(() => message.content === 'Nothing was deleted.');
    expect((await exported(bob)).results).not.toHaveLength(0);
    expect((await exported(alice)).results).not.toHaveLength(0);
  });

  test('forgets one user, after a restart too: their jobs, records, pictures and numbers; old buttons say so kindly', async () => {
    const { discord, alice, bob } = studio;
    const kept = await studio.imagine(alice, channel, { prompt: 'a secret of alice' });
    const result = await studio.imagine(bob, channel, { prompt: 'a secret of bob', count: 2 });
    const image = { name: 'a.png', bytes: discord.file(kept) };
    await studio.finished((await discord.as(bob).run(channel, 'vary', { image, count: 1 })).message);
    const { message } = await discord.as(bob).run(channel, 'privacy delete');
    await studio.idle();
    await studio.restart();
    const waiting = { prompt: 'a castle of bob', steps: 150, count: 4 };
    const running = await studio.inTheMiddle(async () => {
      const { message } = await discord.as(bob).run(channel, 'imagine', waiting);
      await discord.as(bob).run(channel, 'imagine', { prompt: 'a fox of bob' });
      await discord.until(() => /step \d/.test(message.content));
      return message;
    });
    await studio.bot.app.stats.settled();
    expect(onDisk('of bob')).not.toEqual([]);
    expect(grep('of bob')).not.toEqual([]);
    await discord.as(bob).press(message, 'Delete my data');
    await discord.until(() => message.content.startsWith('Your data was deleted'));
    // From the moment of the answer, no word of it is left in the database's free pages or its log.
    expect(grep('of bob')).toEqual([]);
    expect(message.content).toContain('2 cancelled');
    expect(message.content).toContain('🗑️');
    await studio.idle();
    await discord.until(() => running.content.endsWith('\nCancelled.'));
    expect(onDisk('of bob')).toEqual([]);
    // The hour's limit stays, in the limiter's own table.
    expect(onDisk(bob.id)).toEqual([]);
    expect(onDisk('a secret of alice')).not.toEqual([]);
    const { message: gone } = await discord.as(bob).press(result, 'U1');
    expect(gone.content).toContain('I no longer know how this picture was made');
    discord.as(bob).react(result, '🔁');
    const again = await discord.as(alice).press(kept, '🔁');
    await studio.finished(again.message);
    await discord.as(bob).press(result, '🗑️');
    await discord.until(() => !discord.messagesIn(channel, bob).includes(result));
  });

  test('is no way around the limits, and can be repeated', async () => {
    const { discord, bob } = studio;
    const again = await forget(bob);
    expect(again.content).toContain('0 requests');
    const asked = { prompt: 'a fox', steps: 1, count: 4 };
    const { message } = await discord.as(bob).run(channel, 'imagine', asked);
    expect(message.content).toMatch(/reached your limit/);
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
