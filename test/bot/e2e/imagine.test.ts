import { MessageFlags, PermissionFlagsBits } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Message } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { SIDE } from '../../embedded.js';
import { difference, piecesOf, pixels, Studio, VEILED } from './harness.js';

// /imagine from the keyboard to the picture, with everything real but Discord's own machines.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterAll(() => studio.stop());

describe('/imagine', () => {
  test('accepts samplers by the names in pictures, and says where words do not change as they were meant to', async () => {
    const { alice, general } = studio;
    const values = { prompt: 'a [red:blue:0.5] apple, a|b', sampler: 'DPM++ 2M Karras', steps: 3 };
    const result = await studio.imagine(alice, general, values);
    expect(result.content).toMatch(/\n-# .*blue.*is read as plain words/);
    const file = studio.discord.file(result);
    expect(await readMetadata(file)).toMatchObject({ sampler: 'DPM++ 2M Karras' });
    const plain = await studio.imagine(alice, general, { ...values, sampler: 'k_dpmpp_2m' });
    expect(await studio.made(plain)).toMatchObject({ sampler: 'DPM++ 2M' });
    expect(await difference(studio.discord.file(plain), file)).toBeGreaterThan(0);
  });

  test('acknowledges at once, shows its position, and ends with a grid that says how it was made', async () => {
    const { discord, alice, general } = studio;
    const began = performance.now();
    const prompt = 'a red apple on a *light* blue background';
    const message = await studio.inTheMiddle(async () => {
      const { message } = await discord.as(alice).run(general, 'imagine', {
        prompt,
        negative: 'text',
        count: 4,
        steps: 4,
        scale: 5,
        seed: 42,
        sampler: 'ddim',
        model: DEFAULT_MODEL,
        aspect: 'square',
      });
      expect(performance.now() - began).toBeLessThan(3000);
      expect(message.flags! & MessageFlags.Loading).toBeTruthy();
      const waiting = await discord.until(() => message.content !== '' && message.content);
      expect(waiting).toContain('a red apple');
      expect(discord.as(alice).labels(message)).toEqual(['Cancel']);
      return message;
    });

    const result = await studio.finished(message);
    expect(result.content).toContain(`<@${alice.id}>`);
    expect(result.content).toContain('\\*light\\*');
    expect(result.content).toContain(`${SIDE}×${SIDE}`);
    expect(result.mentions).toEqual([]);
    const labels = ['U1', 'U2', 'U3', 'U4', 'V1', 'V2', 'V3', 'V4', 'S1', 'S2', 'S3', 'S4', '🔁', '✏️', '💾', '🗑️'];
    expect(discord.as(alice).labels(result)).toEqual(labels);
    expect(result.attachments).toHaveLength(1);
    expect(result.attachments[0]).toMatchObject({ description: prompt, content_type: 'image/png' });

    const file = discord.file(result);
    const { width, height } = await sharp(file).metadata();
    expect([width, height]).toEqual([2 * SIDE + 6, 2 * SIDE + 6]);
    expect(await readMetadata(file)).toMatchObject({ prompt, negative: 'text', steps: 4, scale: 5, seed: 42 });
    const pieces = await piecesOf(file, 4);
    for (const [k, piece] of pieces.entries()) {
      expect((await sharp(piece).stats()).entropy).toBeGreaterThan(1);
      for (const other of pieces.slice(k + 1)) expect(await difference(piece, other)).toBeGreaterThan(1);
    }
  });

  test('pings nobody, whatever the prompt says and wherever the bot may', async () => {
    const { discord, alice, bob, guild, general } = studio;
    const everyone = guild.roles.get(guild.id)!;
    const before = everyone.permissions;
    everyone.permissions |= PermissionFlagsBits.MentionEveryone;
    const role = discord.createRole(guild, 'painters');
    const told: unknown[] = [];
    const stop = discord.world.listen(({ name, data }) => {
      if (!/^MESSAGE_(CREATE|UPDATE)$/.test(name)) return;
      const { content, mention_everyone, mentions, mention_roles } = data as Message;
      told.push([content.includes('@everyone'), mention_everyone, mentions, mention_roles]);
    });
    const prompt = `a red apple @everyone @here <@${bob.id}> <@&${role}>`;
    await studio.imagine(alice, general, { prompt });
    stop();
    everyone.permissions = before;
    expect(told).toContainEqual([true, false, [], []]);
    for (const [, ...mentions] of told as unknown[][]) expect(mentions).toEqual([false, [], []]);
  });

  test('paints the same picture from the same words and seed, another from another seed', async () => {
    const { discord, alice, general } = studio;
    const paint = async (seed: number) => discord.file(await studio.imagine(alice, general, { seed }));
    const [one, same, other] = [await paint(1), await paint(1), await paint(2)];
    expect(await pixels(one)).toEqual(await pixels(same));
    expect(await difference(one, other)).toBeGreaterThan(1);
  });

  test('starts from an attached picture: at little strength it stays that picture', async () => {
    const { discord, alice, general } = studio;
    const drawn = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#2060c0' } })
      .png()
      .toBuffer();
    const image = { name: 'blue.png', bytes: drawn };
    const result = await studio.imagine(alice, general, { image, strength: 0.1, steps: 10 });
    expect(await studio.made(result)).toMatchObject({ strength: 0.1 });
    expect(await difference(discord.file(result), drawn)).toBeLessThan(20);
    const ignored = await studio.imagine(alice, general, { image, strength: 1, steps: 10 });
    expect(await difference(discord.file(ignored), drawn)).toBeGreaterThan(20);
  });

  test.each([
    ['portrait', (w: number, h: number) => w < h],
    ['landscape', (w: number, h: number) => w > h],
  ])('aspect %s', async (aspect, holds) => {
    const { discord, alice, general } = studio;
    const { width, height } = await sharp(discord.file(await studio.imagine(alice, general, { aspect }))).metadata();
    expect(holds(width, height)).toBe(true);
  });

  test('hidden: only the author sees the waiting and the result', async () => {
    const { discord, alice, bob } = studio;
    const channel = studio.channel('hidden');
    const result = await studio.imagine(alice, channel, { hidden: true });
    expect(result.flags! & MessageFlags.Ephemeral).toBeTruthy();
    expect(discord.messagesIn(channel, bob)).toEqual([]);
  });

  test('spoiler: no preview, and the file is marked', async () => {
    const { alice, general } = studio;
    const result = await studio.imagine(alice, general, { spoiler: true });
    expect(result.attachments[0]).toMatchObject(VEILED);
  });

  test('works in direct messages with the bot', async () => {
    const { discord, alice, application } = studio;
    const channel = discord.world.directMessages(alice.id, application.botId);
    const result = await studio.imagine(alice, channel);
    expect(discord.as(alice).labels(result)).toContain('U1');
  });

  test('works in a server where only the user installed the bot', async () => {
    const { discord, application } = studio;
    const carol = discord.createUser('carol');
    const elsewhere = discord.createGuild('elsewhere', carol);
    discord.install(application, carol);
    const channel = discord.createChannel(elsewhere, 'talk');
    const result = await studio.imagine(carol, channel);
    const { message } = await discord.as(carol).press(result, 'U1');
    await studio.finished(message);
    await discord.as(carol).press(result, '🗑️');
    await discord.until(() => !discord.world.messages.get(channel.id)!.has(result.id));
  });

  test('suggests samplers and models while one types', async () => {
    const { discord, alice, general } = studio;
    const samplers = await discord.as(alice).autocomplete(general, 'imagine', 'sampler', 'dd', { prompt: 'x' });
    expect(samplers).toContainEqual({ name: 'DDIM', value: 'ddim' });
    const karras = await discord.as(alice).autocomplete(general, 'imagine', 'sampler', '2m k', { prompt: 'x' });
    expect(karras).toEqual([{ name: 'DPM++ 2M Karras', value: 'dpmpp_2m_karras' }]);
    const models = await discord.as(alice).autocomplete(general, 'imagine', 'model', '', { prompt: 'x' });
    expect(models).toEqual([{ name: DEFAULT_MODEL, value: DEFAULT_MODEL }]);
  });
});

describe('while it is waiting', () => {
  test('it says its place, then shows steps and a preview; cancelling ends it before and during', async () => {
    const { discord, alice, bob } = studio;
    const channel = studio.channel('waiting');
    const values = { prompt: 'a castle', steps: 150, count: 4 };
    const [first, second] = await studio.inTheMiddle(
      async () => {
        const { message: first } = await discord.as(alice).run(channel, 'imagine', values);
        const { message: second } = await discord.as(bob).run(channel, 'imagine', values);
        await discord.until(() => /your request is next/.test(second.content));
        await discord.until(() => /▱ step \d+ of \d+\n.*<t:\d+:R>/.test(first.content));
        expect(first.content).toContain('a castle');
        expect(first.attachments).toMatchObject([{ filename: 'preview.png' }]);
        // As large as the grid that takes its place, or as Discord shows it: 350 pixels.
        const side = Math.min(2 * SIDE + 6, 350);
        expect(await sharp(discord.file(first)).metadata()).toMatchObject({ width: side, height: side });
        return [first, second] as const;
      },
      ({ preview }) => Boolean(preview),
    );
    const refused = await discord.as(bob).press(first, 'Cancel');
    expect(refused.message.onlyFor).toBe(bob.id);
    expect(refused.message.content).toContain(alice.id);
    await discord.as(bob).press(second, 'Cancel');
    await discord.until(() => second.content.endsWith('\nCancelled.'));
    await discord.as(alice).press(first, 'Cancel');
    await discord.until(() => first.content.endsWith('\nCancelled.'));
    expect(first.attachments).toEqual([]);
    expect(first.components).toEqual([]);
    await studio.idle();
  });

  test('cancelling too late says so, in every language, and the picture comes', async () => {
    const { discord, bot } = studio;
    const channel = studio.channel('too-late');
    // French uses the singular for zero, so /cancel would answer "Annulé." for nothing.
    const reader = discord.createUser('lectrice', { locale: 'fr' });
    discord.join(studio.guild, reader);
    const late = 'Cette demande est déjà terminée ou annulée.';
    const { jobs } = bot.app;
    const cancel = jobs.cancel.bind(jobs);
    // It is requested in time, but arrives after the picture.
    jobs.cancel = async (id) => {
      await discord.until(() => jobs.ticket(id) === null);
      return cancel(id);
    };
    try {
      const values = { prompt: 'a castle', steps: 60, count: 1 };
      const { message } = await discord.as(reader).run(channel, 'imagine', values);
      const asked = await discord.as(reader).run(channel, 'cancel', {});
      await discord.until(() => asked.message.content === late);
      await studio.finished(message);

      const { second, pressed } = await studio.inTheMiddle(async () => {
        const { message: second } = await discord.as(reader).run(channel, 'imagine', values);
        await discord.until(() => discord.as(reader).labels(second).includes('Annuler'));
        return { second, pressed: discord.as(reader).press(second, 'Annuler') };
      });
      await pressed;
      const told = () => discord.messagesIn(channel, reader).filter(({ content }) => content === late);
      await discord.until(() => told().length === 2);
      expect(told()[1]!.onlyFor).toBe(reader.id);
      await studio.finished(second);
    } finally {
      jobs.cancel = cancel;
    }
  });
});

test('nothing went wrong meanwhile', () => {
  expect(studio.log).toEqual([]);
});
