import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type APIEmbed, ComponentType, MessageFlags, PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { SIDE } from '../../embedded.js';
import { Studio } from './harness.js';

// What is a member's own: /prefer, /mine and favourites.

let studio: Studio;
let channel: Channel;

beforeAll(async () => {
  studio = await Studio.start();
  channel = studio.channel('own');
});
afterAll(() => studio.stop());

/** Paints with as little as a member types. */
async function painted(values: Record<string, string | number | boolean> = {}, where = channel): Promise<Message> {
  const asked = { prompt: 'a red apple', steps: 2, seed: 7, ...values };
  const { message } = await studio.discord.as(studio.alice).run(where, 'imagine', asked);
  return studio.finished(message);
}

describe('/prefer', () => {
  const prefer = async (command: string, values: Record<string, string | number> = {}) => {
    const { message } = await studio.discord.as(studio.alice).run(channel, `prefer ${command}`, values);
    expect(message.onlyFor).toBe(studio.alice.id);
    return message;
  };
  const shown = (message: Message) =>
    Object.fromEntries((message.embeds as APIEmbed[])[0]!.fields!.map(({ name, value }) => [name, value]));

  test('sets what /imagine then uses, for its author alone, after what is chosen and before the server’s defaults', async () => {
    const { discord, alice, bob } = studio;
    await discord.as(alice).run(channel, 'settings defaults', { count_value: 3, speed_value: 'exact' });
    await discord.as(alice).run(channel, 'styles add', { style: 'Ink', prompt: '{prompt} in ink', negative: 'paint' });
    const saved = await prefer('set', {
      aspect: 'landscape',
      count: 1,
      negative: 'blurry',
      speed: 'fast',
      style: 'ink',
    });
    expect(shown(saved)).toMatchObject({
      Model: '*the server’s*',
      'Aspect ratio': 'Landscape 5:3',
      Style: 'Ink',
      Pictures: '1 picture',
      'Negative prompt': 'blurry',
    });
    const made = await studio.made(await painted());
    expect(made).toMatchObject({ prompt: 'a red apple in ink', negative: 'blurry, paint', speed: 'fast' });
    expect(made.width! / made.height!).toBeCloseTo(5 / 3, 1);
    const chosen = await painted({ count: 2, aspect: 'square', negative: 'blue', speed: 'exact' });
    const file = (await readMetadata(studio.discord.file(chosen)))!;
    expect(file).toMatchObject({ width: SIDE, height: SIDE, negative: 'blue, paint' });
    expect(discord.as(alice).labels(chosen)).toContain('U2');
    const { message } = await discord.as(bob).run(channel, 'imagine', { prompt: 'a fox', steps: 1 });
    const bobs = await studio.finished(message);
    expect(discord.as(bob).labels(bobs)).toContain('U3');
    expect(await studio.made(bobs)).toMatchObject({ prompt: 'a fox', negative: '' });
  });

  test('keeps to the server’s rules, and says what it left out', async () => {
    const { discord, alice } = studio;
    await discord.as(alice).run(channel, 'styles remove', { style: 'Ink' });
    await studio.bot.app.settings.change(studio.guild.id, { words: ['blurry'] });
    await studio.bot.app.preferences.change(alice.id, { model: 'taken-away' });
    const result = await painted();
    expect(await studio.made(result)).toMatchObject({ prompt: 'a red apple', negative: '' });
    expect(result.content).toContain('preferred model "taken-away" cannot be used');
    expect(result.content).toContain('preferred style "Ink" is not one of this server');
    expect(result.content).toContain('preferred negative prompt has words that are not allowed');
    await studio.bot.app.settings.change(studio.guild.id, { words: [] });
  });

  test('refuses what is not there, and forgets one or all', async () => {
    expect((await prefer('set', { model: 'nothing' })).content).toContain('no model');
    expect((await prefer('set', { style: 'nothing' })).content).toContain('no style');
    expect((await prefer('set')).content).toContain('Nothing was changed');
    expect((await prefer('set', { negative: 'a, '.repeat(450) })).content).toMatch(/negative prompt.*tokens/i);
    expect(shown(await prefer('reset', { what: 'count' }))).toMatchObject({ Pictures: '*the server’s*', Style: 'Ink' });
    await studio.restart();
    expect(shown(await prefer('show'))).toMatchObject({ 'Negative prompt': 'blurry' });
    await prefer('reset');
    expect(await studio.bot.app.preferences.of(studio.alice.id)).toEqual({});
  });
});

describe('/mine', () => {
  interface Part {
    type: number;
    content?: string;
    custom_id?: string;
    items?: { description: string; spoiler: boolean; media: { url: string } }[];
    options?: { label: string; value: string }[];
    components?: Part[];
  }
  const COUNT = 11;
  const prompts = Array.from({ length: COUNT }, (_, n) => `a ${n % 2 ? 'red' : 'blue'} apple ${n}`);
  const results: Message[] = [];

  test('what was deleted with /privacy is not in it', async () => {
    await studio.idle();
    for (const user of [studio.alice, studio.bob]) await studio.bot.app.personalData.forget(user.id);
    await studio.discord.as(studio.alice).run(channel, 'settings reset');
    for (const prompt of prompts) results.push(await studio.imagine(studio.alice, channel, { prompt, steps: 1 }));
    await studio.imagine(studio.bob, channel, { prompt: 'a red fox of bob', steps: 1 });
    await studio.idle();
    expect(text(await mine({ search: 'ink' }))).toContain('None of your prompts');
  });

  async function mine(
    values: Record<string, string | boolean> = {},
    where = channel,
    user = studio.alice,
  ): Promise<Message> {
    const { message } = await studio.discord.as(user).run(where, 'mine', values);
    await studio.discord.until(() => message.flags! & MessageFlags.IsComponentsV2);
    expect(message.onlyFor).toBe(user.id);
    return message;
  }
  function partsOf(message: Message): Part[] {
    const all = (parts: Part[]): Part[] => parts.flatMap((part) => [part, ...all(part.components ?? [])]);
    return all(studio.discord.payloads.message(message, studio.alice.id).components as unknown as Part[]);
  }
  const text = (message: Message) => partsOf(message).find(({ content }) => content)!.content!;
  const pictures = (message: Message) =>
    (partsOf(message).find(({ items }) => items)?.items ?? []).map(({ description }) => description);
  /** Presses, and waits until the message shows something else. */
  async function turned(message: Message, label: string): Promise<void> {
    const before = text(message);
    await studio.discord.as(studio.alice).press(message, label);
    await studio.discord.until(() => text(message) !== before);
  }
  /** Chooses the result whose prompt ends like that. */
  async function chosen(message: Message, ending: string): Promise<void> {
    const menu = partsOf(message).find(({ options }) => options)!;
    const { value } = menu.options!.find(({ label }) => label.endsWith(ending))!;
    const before = text(message);
    await studio.discord.as(studio.alice).pick(message, menu.custom_id!, [value]);
    await studio.discord.until(() => text(message) !== before);
  }
  const newestFirst = prompts.toReversed();
  const numbered = (some: readonly string[]) => some.map((prompt, k) => `${k + 1} · ${prompt}`);

  test('shows one’s own results, the newest first, in pages of a gallery that nobody else sees', async () => {
    const message = await mine();
    expect(message.onlyFor).toBe(studio.alice.id);
    expect(text(message)).toContain('Your pictures in this server');
    expect(pictures(message)).toEqual(numbered(newestFirst.slice(0, 9)));
    expect(message.attachments).toHaveLength(9);
    await turned(message, 'Older');
    expect(pictures(message)).toEqual(numbered(newestFirst.slice(9)));
    expect(message.attachments).toHaveLength(2);
    await turned(message, 'Newer');
    expect(pictures(message)).toEqual(numbered(newestFirst.slice(0, 9)));
  });

  test('finds a word of the prompt, after a restart too, and says if there is none', async () => {
    const message = await mine({ search: ' RED ' });
    expect(pictures(message)).toEqual(numbered(newestFirst.filter((prompt) => prompt.includes('red'))));
    await studio.restart();
    await chosen(message, 'apple 3');
    await turned(message, 'Back');
    expect(pictures(message)).toHaveLength(5);
    expect(text(await mine({ search: 'zebra' }))).toContain('None of your prompts here has "zebra"');
    expect(text(await mine({}, studio.channel('other'), studio.bob))).not.toContain('apple');
  });

  test('a ⭐ of their author makes favourites, and so does a button', async () => {
    const { discord, alice, bob } = studio;
    discord.as(bob).react(results[0]!, '⭐');
    discord.as(alice).react(results[1]!, '⭐');
    const favourites = async () => pictures(await mine({ favourites: true }));
    await expect.poll(favourites).toEqual(['1 · a red apple 1']);
    const message = await mine();
    await chosen(message, 'apple 8');
    await turned(message, 'Add to favourites');
    expect(await favourites()).toEqual(numbered(['a blue apple 8', 'a red apple 1']));
    await turned(message, 'Remove from favourites');
    discord.as(alice).unreact(results[1]!, '⭐');
    await expect.poll(favourites).toEqual([]);
    expect(text(await mine({ favourites: true }))).toContain('You have no favourites here yet');
  });

  test('paints one again, gives its files and says how it was made', async () => {
    const { discord, alice } = studio;
    const message = await mine();
    await chosen(message, 'apple 9');
    const again = await studio.finished((await discord.as(alice).press(message, '🔁')).message);
    expect(again.onlyFor).toBeNull();
    expect(await studio.made(again)).toMatchObject({ prompt: 'a red apple 9', steps: 1 });
    const { message: files } = await discord.as(alice).press(message, '💾');
    await discord.until(() => files.attachments.length === 1);
    expect(discord.file(files)).toEqual(discord.file(results[9]!));
    const { message: how } = await discord.as(alice).press(message, 'How it was made');
    await discord.until(() => how.content.includes('Seed: 7'));
    expect(how.onlyFor).toBe(alice.id);
    await discord.as(alice).press(again, '🗑️');
    await discord.until(() => !discord.messagesIn(channel, alice).includes(again));
  });

  test('shows what is no longer cached from its message', async () => {
    await studio.bot.stop();
    rmSync(join(studio.dataDir, 'pictures'), { recursive: true });
    studio.discord.cdn.expireAll();
    await studio.startBot();
    const message = await mine();
    expect(message.attachments).toHaveLength(0);
    expect(pictures(message)).toEqual(numbered(newestFirst.slice(0, 9)));
  });

  test('deletes one with its message, once it is confirmed', async () => {
    const { discord, alice } = studio;
    const message = await mine();
    await chosen(message, 'apple 10');
    await turned(message, '🗑️');
    await turned(message, 'Keep');
    await turned(message, '🗑️');
    await turned(message, 'Delete');
    expect(text(message)).toContain('Deleted.');
    expect(pictures(message)[0]).toBe('1 · a red apple 9');
    expect(discord.messagesIn(channel, alice).map(({ id }) => id)).not.toContain(results[10]!.id);
    expect(await studio.records(alice)).toBe(COUNT - 1);
  });

  test('in a server has that server’s, from channels that one can see; in direct messages all', async () => {
    const { discord, alice, bob, application } = studio;
    const elsewhere = discord.createGuild('elsewhere', alice);
    discord.join(elsewhere, bob);
    discord.install(application, elsewhere);
    const there = discord.createChannel(elsewhere, 'there');
    const secret = studio.channel('secret');
    await studio.imagine(bob, there, { prompt: 'a fox there', steps: 1 });
    await studio.imagine(bob, secret, { prompt: 'a fox in secret', steps: 1, hidden: true });
    await studio.idle();
    expect(pictures(await mine({}, channel, bob))).toEqual(numbered(['a fox in secret', 'a red fox of bob']));
    expect(pictures(await mine({}, there, bob))).toEqual(numbered(['a fox there']));
    secret.overwrites.push({ id: bob.id, type: 1, allow: 0n, deny: PermissionFlagsBits.ViewChannel });
    discord.world.publish({ name: 'CHANNEL_UPDATE', data: discord.payloads.channel(secret), guildId: studio.guild.id });
    await expect.poll(async () => pictures(await mine({}, channel, bob))).toEqual(numbered(['a red fox of bob']));
    const direct = discord.world.directMessages(bob.id, application.botId);
    const all = ['a fox in secret', 'a fox there', 'a red fox of bob'];
    expect(pictures(await mine({}, direct, bob))).toEqual(numbered(all));
  });

  test('a forged press shows nobody another’s', async () => {
    const { discord, bob } = studio;
    const message = await mine();
    const menu = partsOf(message).find(({ options }) => options)!;
    const theirs = await mine({}, channel, bob);
    const own = partsOf(theirs).find(({ options }) => options)!;
    const values = [menu.options![0]!.value];
    const { message: told } = await discord
      .as(bob)
      .component(theirs, own.custom_id!, ComponentType.StringSelect, values);
    expect(told.content).toContain('no longer among yours');
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
