import type { APIEmbed } from 'discord.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { Studio } from './harness.js';

// What is a member's own: /prefer.

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
    expect(file).toMatchObject({ width: 128, height: 128, negative: 'blue, paint' });
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
    expect(shown(await prefer('reset', { what: 'count' }))).toMatchObject({ Pictures: '*the server’s*', Style: 'Ink' });
    await studio.restart();
    expect(shown(await prefer('show'))).toMatchObject({ 'Negative prompt': 'blurry' });
    await prefer('reset');
    expect(await studio.bot.app.preferences.of(studio.alice.id)).toEqual({});
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
