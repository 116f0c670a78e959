import { Client, type Guild as ClientGuild, Events, GatewayIntentBits as Intent } from 'discord.js';
import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel, Guild, User } from '../../src/discord/things.js';
import { DrivenDiscord } from './drive/driven-discord.js';
import { furnish } from './furnish.js';
import { violations } from './openapi.js';

// A guild's emojis and stickers, through the real discord.js client.

let discord: DrivenDiscord;
let client: Client<true>;
let alice: User;
let guild: Guild;
let general: Channel;
let studio: ClientGuild;
let against: string[];

beforeEach(async () => {
  against = [];
  discord = await DrivenDiscord.start({ onExchange: (exchange) => void against.push(...violations(exchange)) });
  const made = furnish(discord);
  ({ alice, guild, general } = made);
  guild.roles.get(guild.id)!.permissions |= P.CreateGuildExpressions;
  client = new Client<true>({ intents: [Intent.Guilds, Intent.GuildExpressions], rest: { api: discord.apiUrl } });
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(made.application.token);
  await ready;
  studio = client.guilds.cache.get(guild.id)!;
});
afterEach(async () => {
  await client.destroy();
  await discord.stop();
  expect(against).toEqual([]);
});

const picture = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 4, background: '#d03030' } })
    .png()
    .toBuffer();

/** Noise does not compress: so many pixels have more bytes than an emoji may. */
const noise = (side: number) =>
  sharp(Buffer.from(Array.from({ length: side * side * 3 }, (_, i) => (i * 2654435761) >>> 24)), {
    raw: { width: side, height: side, channels: 3 },
  })
    .png({ compressionLevel: 0 })
    .toBuffer();

const emoji = async (name: string, attachment?: Buffer) =>
  studio.emojis.create({ name, attachment: attachment ?? (await picture(128)), reason: 'made by Ada' });

const sticker = async (name: string, file?: Buffer) =>
  studio.stickers.create({
    name,
    tags: '🍎',
    description: 'a red one',
    file: file ?? (await picture(320)),
    reason: 'made by Ada',
  });

describe('an emoji', () => {
  test('is created, renamed and deleted, and every client hears of it', async () => {
    const created = new Promise((resolve) => client.once(Events.GuildEmojiCreate, resolve));
    const { id } = await emoji('apple');
    await created;
    expect(await studio.emojis.fetch(id)).toMatchObject({ name: 'apple', animated: false });
    const renamed = new Promise((resolve) => client.once(Events.GuildEmojiUpdate, resolve));
    await studio.emojis.edit(id, { name: 'red_apple' });
    await renamed;
    const deleted = new Promise((resolve) => client.once(Events.GuildEmojiDelete, resolve));
    await studio.emojis.delete(id);
    await deleted;
    await expect(studio.emojis.fetch(id)).rejects.toMatchObject({ code: 10014 });
  });

  test('may be reacted with', async () => {
    const made = await emoji('apple');
    const message = await discord.as(alice).say(general, 'a grid');
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isTextBased()) throw new Error('not a text channel');
    await (await channel.messages.fetch(message.id)).react(made);
    expect([...discord.message(message).reacted.keys()]).toEqual([`apple:${made.id}`]);
  });

  test('needs the permission, a name, a picture, and at most 256 KiB', async () => {
    await expect(emoji('a')).rejects.toMatchObject({ code: 50035 });
    await expect(emoji('red apple')).rejects.toMatchObject({ code: 50035 });
    await expect(emoji('apple', Buffer.from('no picture'))).rejects.toMatchObject({ code: 50035 });
    await expect(emoji('apple', await noise(320))).rejects.toMatchObject({ code: 50035 });
    guild.roles.get(guild.id)!.permissions &= ~P.CreateGuildExpressions;
    await expect(emoji('apple')).rejects.toMatchObject({ code: 50013 });
    expect(guild.emojis.size).toBe(0);
  });

  test('of somebody else is changed with the permission to manage only', async () => {
    const { id } = await emoji('apple');
    guild.emojis.get(id)!.userId = alice.id;
    await expect(studio.emojis.edit(id, { name: 'pear' })).rejects.toMatchObject({ code: 50013 });
    guild.roles.get(guild.id)!.permissions |= P.ManageGuildExpressions;
    await studio.emojis.edit(id, { name: 'pear' });
  });

  test('has 50 places among the still, 50 among the animated', async () => {
    const still = await picture(16);
    const animated = await sharp([await picture(16), await sharp(still).negate().toBuffer()], {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    for (let i = 0; i < 50; i++) await emoji(`still_${i}`, still);
    await expect(emoji('another', still)).rejects.toMatchObject({ code: 30008 });
    expect(await emoji('moving', animated)).toMatchObject({ animated: true });
  });
});

describe('a sticker', () => {
  test('is created, changed and deleted, and every client hears of it', async () => {
    const created = new Promise((resolve) => client.once(Events.GuildStickerCreate, resolve));
    const { id } = await sticker('apple');
    await created;
    expect(await studio.stickers.fetch(id)).toMatchObject({ name: 'apple', description: 'a red one', format: 1 });
    const changed = new Promise((resolve) => client.once(Events.GuildStickerUpdate, resolve));
    await studio.stickers.edit(id, { name: 'red apple' });
    await changed;
    const deleted = new Promise((resolve) => client.once(Events.GuildStickerDelete, resolve));
    await studio.stickers.delete(id);
    await deleted;
    await expect(studio.stickers.fetch(id, { force: true })).rejects.toMatchObject({ code: 10060 });
  });

  test('needs the permission, a name, 320 x 320 pixels of PNG or GIF, at most 512 KiB, and one of five places', async () => {
    await expect(sticker('a')).rejects.toMatchObject({ code: 50035 });
    await expect(sticker('apple', await picture(128))).rejects.toMatchObject({ code: 50046 });
    await expect(sticker('apple', Buffer.from('no picture'))).rejects.toMatchObject({ code: 50046 });
    await expect(sticker('apple', await noise(500))).rejects.toMatchObject({ code: 50045 });
    for (let i = 0; i < 5; i++) await sticker(`apple ${i}`);
    await expect(sticker('another')).rejects.toMatchObject({ code: 30039 });
    guild.roles.get(guild.id)!.permissions &= ~P.CreateGuildExpressions;
    await expect(sticker('another')).rejects.toMatchObject({ code: 50013 });
  });

  test('is sent in a message of its guild, and nowhere else', async () => {
    const { id } = await sticker('apple');
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isSendable()) throw new Error('not sendable');
    const message = await channel.send({ stickers: [id] });
    expect(message.stickers.map(({ name, format }) => [name, format])).toEqual([['apple', 1]]);
    const elsewhere = discord.createGuild('elsewhere', alice);
    const there = discord.createChannel(elsewhere, 'general');
    const send = discord.messages.create(there, { sticker_ids: [id] }, [], { authorId: alice.id, fileLimit: 1 });
    await expect(send).rejects.toMatchObject({ code: 50081 });
  });
});
