import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Jobs } from '../../../src/bot/queue/jobs.js';
import type { Job } from '../../../src/bot/request/job.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel, Message } from '../../../src/discord/things.js';
import { embedded, SIDE } from '../../embedded.js';
import { QUICK, Studio } from './harness.js';

// Requests that are refused, before anything is acknowledged and visibly to the author only; and the commands around
// painting.

let studio: Studio;
let channel: Channel;
beforeAll(async () => {
  studio = await Studio.start({ USER_QUEUE: '2', MAX_WORK: String(305 * SIDE ** 2) });
  channel = studio.channel('rules');
});
afterAll(() => studio.stop());
afterEach(async () => {
  await studio.bot.app.settings.change(studio.guild.id, {
    channels: [],
    roles: [],
    words: [],
    styles: [],
    perHour: 0,
    steps: 0,
  });
});

/** Runs /imagine and expects a refusal. @returns its text. */
async function refusal(values: Record<string, string | number> = {}, where = channel, user = studio.bob) {
  const before = studio.bot.app.jobs.list().length;
  const outcome = await studio.discord.as(user).run(where, 'imagine', { prompt: 'a fox', ...QUICK, ...values });
  expect(outcome.message.onlyFor).toBe(user.id);
  expect(outcome.message.components).toEqual([]);
  expect(studio.bot.app.jobs.list()).toHaveLength(before);
  return outcome.message.content;
}

/** Jobs that the store has of a user. */
async function recordsOf(userId: string): Promise<string[]> {
  const jobs: string[] = [];
  for await (const [job] of studio.bot.app.results.ofUser(userId)) jobs.push(job);
  return jobs;
}

type Menu = { components: { custom_id: string }[] };
const menuOf = (message: Message) => (message.components![0] as unknown as Menu).components[0]!.custom_id;

describe('is refused with the remedy', () => {
  test('another channel than the chosen ones; a thread below a chosen one is fine', async () => {
    const { discord, alice, bob } = studio;
    const gallery = studio.channel('gallery');
    const thread = studio.channel('corner', { parentId: gallery.id, thread: true });
    const { message } = await discord.as(alice).run(channel, 'settings channels');
    await discord.as(alice).pick(message, menuOf(message), [gallery.id]);
    expect(await refusal()).toContain(`<#${gallery.id}>`);
    expect(studio.isResult(await studio.imagine(bob, gallery))).toBe(true);
    expect(studio.isResult(await studio.imagine(bob, thread))).toBe(true);
  });

  test('a member without any of the chosen roles', async () => {
    const { discord, alice, bob, guild } = studio;
    const role = discord.createRole(guild, 'painters');
    const { message } = await discord.as(alice).run(channel, 'settings roles');
    await discord.as(alice).pick(message, menuOf(message), [role]);
    expect(await refusal()).toContain(`<@&${role}>`);
    guild.members.get(bob.id)!.roles.push(role);
    expect(studio.isResult(await studio.imagine(bob, channel))).toBe(true);
    guild.members.get(bob.id)!.roles.pop();
  });

  test('a word of the list, as a word of its own, in any case, in the prompt, the negative prompt or the modal', async () => {
    const { discord, alice, bob } = studio;
    const modal = await discord.as(alice).run(channel, 'settings words');
    await discord.as(alice).submit(modal, { words: 'Clown, big top\nclown' });
    expect(await refusal({ prompt: 'a CLOWN!' })).toContain('"clown"');
    expect(await refusal({ negative: 'the big top' })).toContain('"big top"');
    const one = await studio.imagine(bob, channel, { prompt: 'clownfish' });
    const edit = await discord.as(bob).press(one, '✏️');
    const { message } = await discord.as(bob).submit(edit, { prompt: 'a clown' });
    expect(message.onlyFor).toBe(bob.id);
    expect(message.content).toContain('"clown"');
  });

  test.each([
    ['brackets', { prompt: 'a clo()wn' }],
    ['weights', { prompt: 'a clo(:1)wn' }],
    ['entities', { prompt: 'a clo&#119;n' }],
    ['letters of another alphabet', { prompt: 'a сlоwn' }],
    ['characters that cannot be seen', { negative: 'a clo\u200bwn' }],
    ['its plural', { negative: 'clowns' }],
    ['alternatives', { prompt: '{red|blue} clo{wn|ak}' }],
    ['a style', { prompt: 'a fox', style: 'circus' }],
    ['the tag of a LoRA', { prompt: 'a fox <lora:clown:0.5>' }],
  ])('a word of the list behind %s', async (_, values) => {
    const styles = [{ name: 'circus', prompt: 'with a clo[]wn', negative: '' }];
    await studio.bot.app.settings.change(studio.guild.id, { words: ['clown'], styles });
    expect(await refusal(values)).toContain('"clown"');
  });

  test('a word of the list among those of a table', async () => {
    await studio.bot.app.settings.change(studio.guild.id, { words: ['clown'] });
    const values = { prompt: 'a fox', across: 'words: fox, clo()wn' };
    const { message } = await studio.discord.as(studio.bob).run(channel, 'grid', values);
    expect(message.onlyFor).toBe(studio.bob.id);
    expect(message.content).toContain('"clown"');
  });

  test('more pictures an hour than the server allows; the refusal says when, and counts nothing', async () => {
    const { discord, alice } = studio;
    await discord.as(alice).run(channel, 'settings limits', { per_hour: 2 });
    const carol = discord.createUser('carol');
    discord.join(studio.guild, carol);
    await studio.imagine(carol, channel, { count: 2 });
    for (let n = 0; n < 2; n++) expect(await refusal({}, channel, carol)).toMatch(/<t:\d+:R>/);
  });

  test.each([
    ['a model that is not there', { model: 'sd-9' }, 'no model "sd-9"'],
    ['a sampler that is not there', { sampler: 'magic' }, 'no sampler "magic"'],
    ['more work than one request may be', { count: 4, steps: 150 }, 'too much for one request'],
    ['a prompt of too many tokens', { prompt: 'apple, '.repeat(200) }, 'The prompt has 400 tokens'],
    ['a negative prompt of too many tokens', { negative: 'apple, '.repeat(200) }, 'The negative prompt has 400 tokens'],
    [
      'a prompt that a style makes too long',
      { prompt: '{|||}'.repeat(300), style: 'twice', count: 2 },
      '3001 characters',
    ],
  ])('%s', async (_, values, text) => {
    const styles = [{ name: 'twice', prompt: '{prompt} {prompt}', negative: '' }];
    await studio.bot.app.settings.change(studio.guild.id, { styles });
    expect(await refusal(values)).toContain(text);
  });

  test('a channel where the bot may not attach files', async () => {
    const deny = { id: studio.application.botId, type: 1, allow: 0n, deny: 1n << 15n } as const;
    const mute = studio.channel('mute', { overwrites: [deny] });
    expect(await refusal({}, mute)).toContain('attach files');
  });

  test('more waiting requests than allowed', async () => {
    const { discord, bob } = studio;
    const long = { prompt: 'a castle', steps: 150, count: 2 };
    for (let n = 0; n < 2; n++) await discord.as(bob).run(channel, 'imagine', long);
    const before = studio.bot.app.jobs.list().length;
    expect(before).toBe(2);
    const kept = await recordsOf(bob.id);
    expect(await refusal()).toContain('2 requests waiting');
    expect(await recordsOf(bob.id)).toEqual(kept);

    const { message } = await discord.as(bob).run(channel, 'queue');
    expect(message.onlyFor).toBe(bob.id);
    expect(message.content).toMatch(/2 requests[\s\S]*Being painted[\s\S]*a castle[\s\S]*1\. [\s\S]*a castle/);
    const seen = await discord
      .as(studio.alice)
      .run(discord.world.directMessages(studio.alice.id, studio.application.botId), 'queue');
    expect(seen.message.content).not.toContain('castle');
    // Members asking in another channel may not be able to see this one.
    const beside = await discord.as(studio.alice).run(studio.general, 'queue');
    expect(beside.message.content).toContain('2 requests');
    expect(beside.message.content).not.toContain('castle');
    expect((await discord.as(studio.alice).run(channel, 'queue')).message.content).toContain('castle');
    expect((await discord.as(bob).run(studio.general, 'queue')).message.content).toContain('castle');

    const choices = await discord.as(bob).autocomplete(channel, 'cancel', 'job', 'cas');
    expect(choices).toHaveLength(2);
    const one = await discord.as(bob).run(channel, 'cancel', { job: choices[1]!.value });
    await discord.until(() => one.message.content.endsWith('\nCancelled.'));
    const all = await discord.as(bob).run(channel, 'cancel');
    await discord.until(() => all.message.content.endsWith('\nCancelled.'));
    await studio.idle();
    const none = await discord.as(bob).run(channel, 'cancel');
    expect(none.message.content).toContain('no requests that are waiting');
    expect((await discord.as(bob).run(channel, 'queue')).message.content).toContain('Nothing is being painted');
  });
});

describe('uploads', () => {
  const image = { name: 'in.png', bytes: Buffer.from('') };
  beforeAll(async () => {
    const create = { width: 128, height: 128, channels: 3, background: 'red' } as const;
    image.bytes = await sharp({ create }).png().toBuffer();
  });
  const requests = [
    ['imagine', () => ({ prompt: 'a clown', image })],
    ['inpaint', () => ({ prompt: 'a clown', image, mask: image })],
    ['vary', () => ({ prompt: 'a clown', image })],
    ['upscale', () => ({ prompt: 'a clown', image })],
  ] as const;

  test.each(requests)('of a refused /%s are not kept', async (command, values) => {
    const { discord, guild, bob, bot } = studio;
    await bot.app.settings.change(guild.id, { words: ['clown'] });
    const { bytes } = bot.app.pictures;
    const { message } = await discord.as(bob).run(channel, command, values());
    expect(message.content).toContain('"clown"');
    expect(bot.app.pictures.bytes).toBe(bytes);
  });

  test.each(requests)('of members who may not paint here are not even fetched for /%s', async (command, values) => {
    const { discord, guild, bob, bot } = studio;
    await bot.app.settings.change(guild.id, { channels: [studio.general.id] });
    // Fetching this would say that it is no picture.
    const image = { name: 'notes.txt', bytes: Buffer.from('hello') };
    const { message } = await discord.as(bob).run(channel, command, { ...values(), image });
    expect(message.content).toContain(`<#${studio.general.id}>`);
  });
});

describe('/help', () => {
  test('says what the bot can do, what the model paints well and under which licence', async () => {
    const { message } = await studio.discord.as(studio.bob).run(channel, 'help');
    expect(message.onlyFor).toBe(studio.bob.id);
    const shown = JSON.stringify(message.embeds);
    for (const text of ['/imagine', DEFAULT_MODEL, embedded.card.examples[0], 'MIT']) expect(shown).toContain(text);
  });
});

describe('/settings', () => {
  test('is for members who manage the server, menus and text fields too', async () => {
    const { discord, alice, bob } = studio;
    await expect(discord.as(bob).run(channel, 'settings show')).rejects.toThrow('no command');
    const { message } = await discord.as(alice).run(channel, 'settings channels');
    const { message: told } = await discord.as(bob).component(message, menuOf(message), 8, [channel.id]);
    expect(told.content).toContain('manage this server');
  });

  test('every part of it asks for the right itself: a server may have loosened what Discord asks', async () => {
    const { discord, application, bob, guild, bot } = studio;
    const command = application.commands.get('')!.find(({ name }) => name === 'settings')!;
    const { default_member_permissions: asked } = command;
    command.default_member_permissions = null;
    const before = await bot.app.settings.of(guild.id);
    const values: Record<string, Record<string, string | number>> = {
      limits: { per_hour: 1 },
      nsfw: { policy: 'spoiler' },
      language: { locale: 'de' },
      defaults: { steps_value: 150 },
    };
    for (const { name } of command.options!) {
      const { message } = await discord.as(bob).run(channel, `settings ${name}`, values[name]);
      expect(message.content, name).toContain('manage this server');
    }
    command.default_member_permissions = asked;
    expect(await bot.app.settings.of(guild.id)).toEqual(before);
  });

  test('a list of words that fills its field, one a line, comes back whole when it is saved again', async () => {
    const { discord, alice, guild, bot } = studio;
    const list = Array.from({ length: 250 }, (_, k) => `word${100 + k}`).join('\n');
    expect(list).toHaveLength(1999);
    await discord.as(alice).submit(await discord.as(alice).run(channel, 'settings words'), { words: list });
    const { words: saved } = await bot.app.settings.of(guild.id);
    await discord.as(alice).submit(await discord.as(alice).run(channel, 'settings words'));
    expect((await bot.app.settings.of(guild.id)).words).toEqual(saved);
  });

  test('what is set is shown, and is the default of what follows', async () => {
    const { discord, alice, bob } = studio;
    await discord.as(alice).run(channel, 'settings defaults', {
      steps_value: 3,
      scale_value: 4,
      count_value: 1,
      speed_value: 'fast',
    });
    const { message } = await discord.as(alice).run(channel, 'settings show');
    expect(message.onlyFor).toBe(alice.id);
    expect(JSON.stringify(message.embeds)).toContain('3 steps · scale 4 · 1 picture · Fast: nearly the same picture');
    const asked = await discord.as(bob).run(channel, 'imagine', { prompt: 'a fox' });
    const result = await studio.finished(asked.message);
    expect(await studio.made(result)).toMatchObject({ steps: 3, scale: 4, speed: 'fast' });
    expect(discord.as(bob).labels(result)).toEqual(['U1', 'V1', 'S1', '🔁', '✏️', '🗑️']);
    const image = { name: 'in.png', bytes: Buffer.from(discord.file(result)) };
    const varied = await discord.as(bob).run(channel, 'vary', { prompt: 'a fox', image, speed: 'fastest' });
    expect(await studio.made(await studio.finished(varied.message))).toMatchObject({
      steps: 3,
      scale: 4,
      speed: 'fastest',
    });
    const again = await discord.as(bob).press(result, '🔁');
    expect(await studio.made(await studio.finished(again.message))).toMatchObject({ speed: 'fast' });
    expect(
      discord
        .as(bob)
        .labels(varied.message)
        .filter((label) => /^V/.test(label)),
    ).toEqual(['V1']);
    await discord.as(alice).run(channel, 'settings defaults', { scale_value: 0, count_value: 4, speed_value: 'own' });
  });

  test('the language of the server is for what everybody sees, each member keeps theirs for the rest', async () => {
    const { discord, alice, bot } = studio;
    const greta = discord.createUser('greta', { locale: 'de' });
    discord.join(studio.guild, greta);
    await discord.as(alice).run(channel, 'settings language', { locale: 'en' });
    const locales: string[] = [];
    const note = ({ origin }: Job) => locales.push(origin.locale);
    (bot.app.jobs as Jobs).events.on('queued', note);
    await studio.imagine(greta, channel);
    await studio.imagine(greta, channel, { hidden: true });
    await discord.as(alice).run(channel, 'settings language', { locale: 'own' });
    await studio.imagine(greta, channel);
    (bot.app.jobs as Jobs).events.off('queued', note);
    expect(locales).toEqual(['en', 'de', 'de']);
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
