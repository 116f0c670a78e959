import { MessageFlags } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import type { File } from '../../discord/drive/driven-user.js';
import { SIDE } from '../../embedded.js';
import { difference, QUICK, Studio, VEILED } from './harness.js';

// /vary, /upscale, the entries of a message's Apps menu, and reactions.

let studio: Studio;
let result: Message;
let picture: Uint8Array;

beforeAll(async () => {
  studio = await Studio.start();
  result = await studio.imagine(studio.alice, studio.general, { steps: 20, prompt: 'a red apple', negative: 'green' });
  picture = studio.discord.file(result);
});
afterAll(() => studio.stop());

describe('/vary', () => {
  test('starts from an attachment; what is not said is read from the picture', async () => {
    const { discord, alice, general } = studio;
    const values = { image: { name: 'apple.png', bytes: picture }, strength: 0.2, count: 1, seed: 3 };
    const { message } = await discord.as(alice).run(general, 'vary', values);
    const varied = await studio.finished(message);
    const read = await readMetadata(discord.file(varied));
    expect(read).toMatchObject({ prompt: 'a red apple', negative: 'green', seed: 3, strength: 0.2 });
    expect(await difference(discord.file(varied), picture)).toBeLessThan(15);
  });

  test.each([
    ['text that calls itself a picture', 'notes.png', Buffer.from('not a picture at all')],
    ['a file of another kind', 'notes.txt', Buffer.from('hello')],
    ['a damaged picture', 'half.png', null],
  ])('%s is refused, to the author alone', async (_, name, bytes) => {
    const { discord, alice, general } = studio;
    const image = { name, bytes: bytes ?? picture.slice(0, 60) };
    const { message } = await discord.as(alice).run(general, 'vary', { image });
    expect(message.onlyFor).toBe(alice.id);
    expect(message.content).toMatch(/not a picture|cannot be read/);
  });

  test('a bomb of a hundred million pixels is refused before it is decoded', async () => {
    const { discord, alice, general } = studio;
    const create = { width: 12_000, height: 12_000, channels: 3, background: '#fff' } as const;
    const bytes = await sharp({ create, limitInputPixels: false }).png({ compressionLevel: 9 }).toBuffer();
    const { message } = await discord.as(alice).run(general, 'imagine', {
      prompt: 'a fox',
      ...QUICK,
      image: { name: 'bomb.png', bytes },
    });
    await discord.until(() => /pixels|too large/.test(message.content));
    expect(studio.isResult(message)).toBe(false);
  });
});

describe('/upscale', () => {
  test('doubles the sides and keeps the picture', async () => {
    const { discord, alice, general } = studio;
    const { message } = await discord.as(alice).run(general, 'upscale', {
      image: { name: 'apple.jpg', bytes: await sharp(picture).jpeg().toBuffer() },
      prompt: 'a red apple',
    });
    const large = discord.file(await studio.finished(message));
    expect(await sharp(large).metadata()).toMatchObject({ width: 2 * SIDE, height: 2 * SIDE });
    expect(await difference(large, picture)).toBeLessThan(15);
  });
});

describe('pictures made from a spoiler are spoilers', () => {
  test('with the Apps menu', async () => {
    const { discord, alice, bob } = studio;
    const channel = studio.channel('hidden');
    const hidden = await studio.imagine(alice, channel, { spoiler: true });
    const { message } = await discord.as(bob).contextMenu(hidden, 'Vary this picture');
    expect((await studio.finished(message)).attachments[0]).toMatchObject(VEILED);
  });

  test.each<[string, Record<string, string | number | File>]>([
    ['vary', { count: 1 }],
    ['upscale', {}],
    ['inpaint', { prompt: 'a red apple', count: 1 }],
    ['imagine', { prompt: 'a red apple', ...QUICK }],
  ])('with /%s', async (command, others) => {
    const { discord, alice, general } = studio;
    const image = { name: 'SPOILER_apple.png', bytes: picture };
    const mask = command === 'inpaint' && { mask: { name: 'mask.png', bytes: picture } };
    const { message } = await discord.as(alice).run(general, command, { image, ...mask, ...others });
    expect((await studio.finished(message)).attachments[0]).toMatchObject(VEILED);
  });
});

describe('the Apps menu', () => {
  test('"Vary this picture" varies a picture that anybody posted', async () => {
    const { discord, alice, bob, general } = studio;
    const posted = await discord.as(bob).say(general, 'look', [{ name: 'apple.png', bytes: picture }]);
    const { message } = await discord.as(alice).contextMenu(posted, 'Vary this picture');
    const varied = await studio.finished(message);
    expect(varied.content).toContain('Variations of a picture');
    expect((await readMetadata(discord.file(varied)))!.prompt).toBe('a red apple');
  });

  test('"How was this made?" reads it from the picture, for the asker alone', async () => {
    const { discord, bob } = studio;
    const { message } = await discord.as(bob).contextMenu(result, 'How was this made?');
    const told = await discord.until(() => message.content);
    expect(message.flags! & MessageFlags.Ephemeral).toBeTruthy();
    for (const fact of ['a red apple', 'Negative prompt: green', 'Steps: 20', 'Seed: 7', 'RNG: CPU'])
      expect(told).toContain(fact);
  });

  test('says so where there is no picture, or one that says nothing', async () => {
    const { discord, alice, general } = studio;
    const words = await discord.as(alice).say(general, 'only words');
    for (const name of ['Vary this picture', 'How was this made?']) {
      const { message } = await discord.as(alice).contextMenu(words, name);
      expect(message.content).toContain('no picture');
      expect(message.onlyFor).toBe(alice.id);
    }
    const plain = await sharp(picture).jpeg().toBuffer();
    const posted = await discord.as(alice).say(general, '', [{ name: 'plain.jpg', bytes: plain }]);
    const { message } = await discord.as(alice).contextMenu(posted, 'How was this made?');
    await discord.until(() => message.content.includes('does not say'));
  });
});

describe('a reaction', () => {
  test('🔁 paints again, as an answer to the message that mentions nobody else', async () => {
    const { discord, bob } = studio;
    const channel = studio.channel('reactions');
    const one = await studio.imagine(studio.alice, channel);
    discord.as(bob).react(one, '🔁');
    const again = await discord.until(() => studio.results(channel)[1]);
    expect(again.message_reference?.message_id).toBe(one.id);
    expect(again.mentions.map(({ id }) => id)).toEqual([bob.id]);
    expect(again.content).toContain(`<@${bob.id}>`);
    expect((await readMetadata(discord.file(again)))!.seed).not.toBe(7);
  });

  test('🗑️ removes for the author and for moderators, and does nothing for others', async () => {
    const { discord, alice, bob } = studio;
    const channel = studio.channel('removals');
    const [one, two] = [await studio.imagine(bob, channel), await studio.imagine(bob, channel)];
    const carol = discord.createUser('carol');
    discord.join(studio.guild, carol);
    discord.as(carol).react(one, '🗑️');
    discord.as(bob).react(two, '🗑️');
    await discord.until(() => studio.results(channel).length === 1);
    expect(studio.results(channel)).toEqual([one]);
    discord.as(alice).react(one, '🗑️');
    await discord.until(() => studio.results(channel).length === 0);
    const { results } = studio.bot.app;
    for (const { id } of [one, two]) await expect.poll(() => results.behind(id)).toBeNull();
  });

  test('❤️ sends the picture to whoever liked it, with the way back to its message', async () => {
    const { discord, bob, application } = studio;
    discord.as(bob).react(result, '❤️');
    const direct = discord.world.directMessages(bob.id, application.botId);
    const sent = await discord.until(() => discord.messagesIn(direct, bob)[0]);
    expect(Buffer.from(discord.file(sent)).equals(Buffer.from(picture))).toBe(true);
    expect(sent.attachments[0]!.description).toBe('a red apple');
    const { guild, general } = studio;
    expect(sent.content).toContain(
      `[To the message](https://discord.com/channels/${guild.id}/${general.id}/${result.id})`,
    );
    const hidden = await studio.imagine(bob, general, { spoiler: true });
    discord.as(bob).react(hidden, '❤️');
    const [, veiled] = await discord.until(() => discord.messagesIn(direct, bob)[1] && discord.messagesIn(direct, bob));
    expect(veiled!.attachments[0]).toMatchObject(VEILED);
  });

  test('works on messages from before a restart, when addresses have expired', async () => {
    const { discord, alice, bob } = studio;
    const channel = studio.channel('before');
    const [one, two] = [await studio.imagine(alice, channel), await studio.imagine(alice, channel)];
    await studio.restart();
    discord.cdn.expireAll();
    discord.as(bob).react(one, '🔁');
    discord.as(alice).react(two, '🗑️');
    await discord.until(() => studio.results(channel).length === 2 && !studio.results(channel).includes(two));
    const carol = discord.createUser('carol');
    discord.join(studio.guild, carol);
    discord.as(carol).react(one, '❤️');
    const direct = discord.world.directMessages(carol.id, studio.application.botId);
    await discord.until(() => discord.messagesIn(direct, carol)[0]);
  });

  test('and in direct messages, where nothing else has happened since', async () => {
    const { discord, alice, application } = studio;
    const direct = discord.world.directMessages(alice.id, application.botId);
    const one = await studio.imagine(alice, direct);
    await studio.restart();
    discord.as(alice).react(one, '🔁');
    await discord.until(() => studio.results(direct).length === 2);
  });

  test('does nothing in a closed channel, or by a member who may not paint', async () => {
    const { discord, alice, bob } = studio;
    const [open, closed] = [studio.channel('open'), studio.channel('closed')];
    const one = await studio.imagine(alice, closed);
    const { message } = await discord.as(alice).run(studio.general, 'settings channels');
    const menu = (message.components![0] as unknown as { components: { custom_id: string }[] }).components[0]!;
    await discord.as(alice).pick(message, menu.custom_id, [open.id]);
    discord.as(bob).react(one, '🔁');
    discord.as(bob).react(one, '❤️');
    const refused = await discord.as(bob).press(one, '🔁');
    expect(refused.message.content).toContain(`<#${open.id}>`);
    await studio.idle();
    expect(studio.results(closed)).toHaveLength(1);
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
