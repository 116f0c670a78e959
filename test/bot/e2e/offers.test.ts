import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel, Message } from '../../../src/discord/things.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { SIDE } from '../../embedded.js';
import { QUICK, Studio } from './harness.js';

// What a server offers its members: styles and models; and what a picture's metadata says.

let studio: Studio;
let channel: Channel;
let models: string;
beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'easel-models-'));
  for (const name of [DEFAULT_MODEL, 'another']) cpSync(EMBEDDED_MODEL, join(models, name), { recursive: true });
  studio = await Studio.start({ MODELS_DIR: models });
  channel = studio.channel('offers');
});
afterAll(async () => {
  await studio.stop();
  rmSync(models, { recursive: true });
});

/** Runs a command. @returns what only the asker sees. */
async function answer(name: string, values: Record<string, string> = {}, user = studio.alice): Promise<string> {
  const { message } = await studio.discord.as(user).run(channel, name, values);
  expect(message.onlyFor).toBe(user.id);
  const [embed] = message.embeds;
  return [message.content, embed?.title, embed?.description, ...(embed?.fields ?? []).flatMap((f) => [f.name, f.value])]
    .filter(Boolean)
    .join('\n');
}

test('a prompt is completed from what the model knows', async () => {
  const suggested = await studio.discord.as(studio.bob).autocomplete(channel, 'imagine', 'prompt', 'two pengu');
  expect(suggested.map(({ value }) => value)).toEqual(['two pengu', 'two penguin']);
});

describe('/styles', () => {
  test('whoever manages the server makes, changes and removes them; everybody sees them', async () => {
    expect(await answer('styles list', {}, studio.bob)).toContain('no styles yet');
    expect(await answer('styles add', { style: 'Icon', prompt: 'an icon of {prompt}' })).toContain(
      '**Icon** was added',
    );
    expect(await answer('styles add', { style: 'icon', prompt: 'an icon of {prompt}', negative: 'grey' })).toContain(
      'changed',
    );
    expect(await answer('styles add', { style: 'On blue', prompt: 'on a blue background' })).toContain('On blue');
    const list = await answer('styles list', {}, studio.bob);
    expect(list).toContain('**icon**: an icon of {prompt} − grey');
    expect(list).toContain('**On blue**');
    expect(await answer('styles remove', { style: 'ON BLUE' })).toContain('removed');
    expect(await answer('styles list', {}, studio.bob)).not.toContain('On blue');
  });

  test('a member may not change them', async () => {
    expect(await answer('styles add', { style: 'mine', prompt: 'x' }, studio.bob)).toContain('Only members who manage');
    expect(await answer('styles remove', { style: 'icon' }, studio.bob)).toContain('Only members who manage');
    expect(await answer('styles list')).toContain('icon');
  });

  test('are put around the words of /imagine, and suggested there', async () => {
    const { discord, bob } = studio;
    const suggested = await discord.as(bob).autocomplete(channel, 'imagine', 'style', 'ic', { prompt: 'a fox' });
    expect(suggested).toEqual([{ name: 'icon', value: 'icon' }]);
    const result = await studio.imagine(bob, channel, { prompt: 'a fox', style: 'Icon', negative: 'dull' });
    expect(result.content).toContain('**an icon of a fox**');
    expect(await studio.made(result)).toMatchObject({ negative: 'dull, grey' });
  });

  test('are refused if they do not exist', async () => {
    expect(await answer('imagine', { prompt: 'a fox', style: 'baroque' }, studio.bob)).toContain('no style "baroque"');
    expect(await answer('styles remove', { style: 'baroque' })).toContain('no style "baroque"');
    expect(await answer('styles add', { style: '  ', prompt: 'x' })).toContain('needs a name');
  });

  test('are a server’s own, and at most 25', async () => {
    const style = (k: number) => ({ name: `style ${k}`, prompt: 'x', negative: '' });
    await studio.bot.app.settings.change(studio.guild.id, { styles: Array.from({ length: 25 }, (_, k) => style(k)) });
    expect(await answer('styles add', { style: 'one more', prompt: 'x' })).toContain('25 styles');
    expect(await answer('styles add', { style: 'style 3', prompt: 'y' })).toContain('changed');
    const elsewhere = studio.discord.createGuild('elsewhere', studio.alice);
    studio.discord.install(studio.application, elsewhere);
    const there = studio.discord.createChannel(elsewhere, 'general');
    const { message } = await studio.discord.as(studio.alice).run(there, 'styles list');
    expect(message.content).toContain('no styles yet');
  });
});

describe('/models', () => {
  type Menu = { components: { custom_id: string; options: { value: string }[] }[] };
  const menuOf = (message: Message) => (message.components![0] as unknown as Menu).components[0]!;

  test('shows size and speed once something was painted', async () => {
    await studio.imagine(studio.bob, channel, QUICK);
    const text = await answer('models', {}, studio.bob);
    expect(text).toMatch(
      new RegExp(`▶ ${DEFAULT_MODEL}\\n${SIDE}×${SIDE} · \\d+ steps · \\d+ MB · about [\\d.]+ s per picture`),
    );
    expect(text).toMatch(/another\n.*speed not measured yet/);
  });

  test('lets those who manage the server choose what paints there', async () => {
    const { discord, alice, bob } = studio;
    const { message: asked } = await discord.as(bob).run(channel, 'models');
    expect(asked.components).toEqual([]);
    const { message } = await discord.as(alice).run(channel, 'models');
    const menu = menuOf(message);
    expect(menu.options.map(({ value }) => value).sort()).toEqual(['*', 'another', DEFAULT_MODEL]);
    await discord.as(alice).pick(message, menu.custom_id, ['another']);
    const paintedBy = async (values = {}) => {
      const { id } = await studio.imagine(bob, channel, values);
      return (await studio.bot.app.results.behind(id))!.request.model;
    };
    expect(await paintedBy()).toBe('another');
    expect(await paintedBy({ model: DEFAULT_MODEL })).toBe(DEFAULT_MODEL);
    await discord.as(alice).pick(message, menu.custom_id, ['*']);
    expect(await paintedBy()).toBe(DEFAULT_MODEL);
  });

  test('the menu changes nothing for a member who no longer manages the server', async () => {
    const { discord, alice, bob } = studio;
    const { message } = await discord.as(alice).run(channel, 'models');
    const refused = await discord.as(bob).component(message, menuOf(message).custom_id, 3, ['another']);
    expect(refused.message.content).toContain('Only members who manage');
    const wrong = await discord.as(alice).component(message, menuOf(message).custom_id, 3, ['no such model']);
    expect(wrong.message.content).toContain('no such model');
    expect((await studio.bot.app.settings.of(studio.guild.id)).model).toBeNull();
  });
});

describe('/seed', () => {
  test('tells how a picture was made, to the asker', async () => {
    const { discord, bob } = studio;
    const bytes = discord.file(await studio.imagine(bob, channel, { prompt: 'a fox', seed: 77 }));
    const { message } = await discord.as(bob).run(channel, 'seed', { image: { name: 'fox.png', bytes } });
    const told = await discord.until(() => discord.message(message).content);
    expect(discord.message(message).onlyFor).toBe(bob.id);
    expect(told).toContain('a fox');
    expect(told).toContain('Seed: 77');
  });

  test('of a picture that says nothing, says so; what is none is refused', async () => {
    const { discord, bob } = studio;
    const plain = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const { message } = await discord.as(bob).run(channel, 'seed', { image: { name: 'red.png', bytes: plain } });
    expect(await discord.until(() => discord.message(message).content)).toContain('does not say');
    const text = { name: 'a.txt', bytes: Buffer.from('hello') };
    const refused = await discord.as(bob).run(channel, 'seed', { image: text });
    await expect.poll(() => discord.messagesIn(channel, bob).at(-1)!.content).toContain('not a picture I can read');
    expect(refused.answer.kind).toBe('message');
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log.filter(({ level }) => level === 'error')).toEqual([]);
});
