import { MessageFlags, PermissionFlagsBits as P } from 'discord.js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import type { Outcome } from '../../discord/drive/driven-user.js';
import { pngOf } from '../../engine/image/picture-file.js';
import { Studio } from './harness.js';

// /emoji and "Make an emoji": from a picture through the preview to the server's own emoji or sticker.

let studio: Studio;
let channel: Channel;
let result: Message;

beforeAll(async () => {
  studio = await Studio.start();
  channel = studio.channel('emojis');
  allowBot(true);
  result = await studio.imagine(studio.alice, channel, { count: 2, steps: 10 });
});
afterAll(() => studio.stop());

function allowBot(allowed: boolean): void {
  const { guild, application, discord } = studio;
  const bot = guild.members.get(application.botId)!;
  bot.roles = allowed ? [discord.createRole(guild, 'easel', P.CreateGuildExpressions)] : [];
}

const button = (message: Message, index: number) =>
  (message.components as unknown as { components: { custom_id: string }[] }[])[0]!.components[index]!.custom_id;
const BUTTON = 2;

/** The answer when its preview is there. */
async function previewed({ message }: Outcome): Promise<Message> {
  await studio.discord.until(() => studio.discord.message(message).attachments.length > 0);
  return studio.discord.message(message);
}

const emojis = () => [...studio.guild.emojis.values()];
const stored = (id: string) => studio.discord.bytesOf(id);

describe('/emoji', () => {
  test('makes one of the grid an emoji: what the preview shows is uploaded, and nothing of how it was made is in it', async () => {
    const { discord, alice } = studio;
    const outcome = await discord.as(alice).run(channel, 'emoji', { name: 'red_apple', picture: 2 });
    expect(outcome.message.flags! & MessageFlags.Ephemeral).toBeTruthy();
    const preview = await previewed(outcome);
    expect(preview.content).toContain(':red_apple:');
    expect(emojis()).toEqual([]);
    const shown = discord.file(preview);
    await discord.as(alice).press(preview, 'Add the emoji');
    const [made] = await discord.until(() => emojis().length > 0 && emojis());
    expect(made).toMatchObject({ name: 'red_apple', animated: false });
    const bytes = stored(made!.id);
    expect(Buffer.from(bytes).equals(Buffer.from(shown))).toBe(true);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 128, height: 128 });
    expect(bytes.length).toBeLessThanOrEqual(256 * 1024);
    expect(await readMetadata(bytes)).toBeNull();
    await discord.until(() => preview.content.includes(`<:red_apple:${made!.id}>`));
    expect(preview.components).toEqual([]);
    expect(preview.attachments).toEqual([]);
  });

  test('makes an attached picture a sticker, with a description and a tag', async () => {
    const { discord, alice, guild } = studio;
    const image = { name: 'wide.jpg', bytes: await sharp(discord.file(result)).resize(900, 300).jpeg().toBuffer() };
    const preview = await previewed(
      await discord.as(alice).run(channel, 'emoji', { name: 'wide', as: 'sticker', image }),
    );
    await discord.as(alice).press(preview, 'Add the sticker');
    const [sticker] = await discord.until(() => guild.stickers.size > 0 && [...guild.stickers.values()]);
    expect(sticker).toMatchObject({ name: 'wide', description: 'wide', tags: 'art' });
    const bytes = stored(sticker!.id);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 320, height: 320 });
    expect(bytes.length).toBeLessThanOrEqual(512 * 1024);
    await discord.until(() => preview.content.includes('**wide**'));
  });

  test('is not confused by a restart between preview and confirmation', async () => {
    const { discord, alice } = studio;
    const preview = await previewed(await discord.as(alice).run(channel, 'emoji', { name: 'patient' }));
    await studio.restart();
    await discord.as(alice).press(preview, 'Add the emoji');
    await discord.until(() => emojis().some(({ name }) => name === 'patient'));
  });

  test('adds nothing when it is cancelled, or confirmed twice', async () => {
    const { discord, alice } = studio;
    const before = emojis().length;
    const one = await previewed(await discord.as(alice).run(channel, 'emoji', { name: 'never' }));
    const [add, cancel] = [button(one, 0), button(one, 1)];
    await discord.as(alice).component(one, cancel, BUTTON);
    await discord.until(() => one.content === 'Nothing was added.');
    const { message } = await discord.as(alice).component(one, add, BUTTON);
    expect(message.content).toContain('already done or cancelled');
    const two = await previewed(await discord.as(alice).run(channel, 'emoji', { name: 'once' }));
    const id = button(two, 0);
    await Promise.all([discord.as(alice).component(two, id, BUTTON), discord.as(alice).component(two, id, BUTTON)]);
    await discord.until(() => two.content.includes('<:once:'));
    expect(emojis()).toHaveLength(before + 1);
  });

  test('refuses members without the permission, even if they lost it after the preview, or never saw it', async () => {
    const { discord, alice, bob, guild } = studio;
    const refused = await discord.as(bob).run(channel, 'emoji', { name: 'bobs' });
    expect(refused.message.content).toContain('Create Expressions');
    expect(refused.message.onlyFor).toBe(bob.id);
    const role = discord.createRole(guild, 'makers', P.CreateGuildExpressions);
    guild.members.get(bob.id)!.roles.push(role);
    const image = { name: 'a.png', bytes: discord.file(result) };
    const preview = await previewed(await discord.as(bob).run(channel, 'emoji', { name: 'bobs', image }));
    const other = await discord.as(alice).component(preview, button(preview, 0), BUTTON);
    expect(other.message.content).toContain('Run /emoji again');
    guild.members.get(bob.id)!.roles.pop();
    const late = await discord.as(bob).press(preview, 'Add the emoji');
    expect(late.message.content).toContain('Create Expressions');
    expect(emojis().some(({ name }) => name === 'bobs')).toBe(false);
  });

  test('refuses if the bot lacks the permission, and says how to grant it', async () => {
    const { discord, alice, application } = studio;
    allowBot(false);
    const { message } = await discord.as(alice).run(channel, 'emoji', { name: 'nope' });
    allowBot(true);
    const link = new URL(/<(http[^>]+)>/.exec(message.content)![1]!);
    expect(link.searchParams.get('client_id')).toBe(application.id);
    expect(BigInt(link.searchParams.get('permissions')!) & P.CreateGuildExpressions).toBeTruthy();
  });

  test.each([
    ['a name that Discord does not take', { name: 'two words' }, 'is not a valid name'],
    ['a name too long for a sticker', { name: 'a'.repeat(31), as: 'sticker' }, '2 to 30'],
    ['a picture that the grid has not', { name: 'third', picture: 3 }, 'from 1 to 2'],
    [
      'a file that is no picture',
      { name: 'text', image: { name: 'a.png', bytes: Buffer.from('hello') } },
      'not a picture',
    ],
  ])('refuses %s', async (_, values, text) => {
    const { discord, alice } = studio;
    const { message } = await discord.as(alice).run(channel, 'emoji', values);
    await discord.until(() =>
      discord.messagesIn(channel, alice).some((one) => one.onlyFor && one.content.includes(text)),
    );
    expect(message.onlyFor).toBe(alice.id);
  });

  test('a member without pictures here is told to paint one', async () => {
    const { discord, alice } = studio;
    const { message } = await discord.as(alice).run(studio.channel('empty'), 'emoji', { name: 'nothing' });
    await discord.until(() => message.content.includes('/imagine'));
  });

  test.each([
    [400, JSON.stringify({ code: 30008, message: 'Maximum number of emojis reached (50)' }), 'no emoji slots left'],
    [403, JSON.stringify({ code: 50013, message: 'Missing Permissions' }), 'Create Expressions'],
    [400, JSON.stringify({ code: 50035, message: 'Invalid Form Body' }), 'Invalid Form Body'],
    [429, '', /Press the button again <t:\d+:R>/],
  ])('what Discord has against it (%i) is told, and the button works when it is mended', async (status, body, text) => {
    const { discord, alice } = studio;
    const name = `after_${status}_${body.length}`;
    const preview = await previewed(await discord.as(alice).run(channel, 'emoji', { name }));
    const headers: Record<string, string> =
      status === 429 ? { 'retry-after': '1800' } : { 'content-type': 'application/json' };
    discord.faults.add({ match: /POST \/guilds\/\d+\/emojis/, status, body, headers, times: 1 });
    const known = new Set(discord.messagesIn(channel, alice));
    await discord.as(alice).press(preview, 'Add the emoji');
    const told = await discord.until(() => discord.messagesIn(channel, alice).find((one) => !known.has(one)));
    expect(told.content).toMatch(text);
    expect(told.onlyFor).toBe(alice.id);
    expect(emojis().some((one) => one.name === name)).toBe(false);
    if (status === 429) return;
    await discord.as(alice).press(preview, 'Add the emoji');
    await discord.until(() => emojis().some((one) => one.name === name));
  });

  test('is for servers', async () => {
    const { discord, alice, application } = studio;
    const direct = discord.world.directMessages(alice.id, application.botId);
    await expect(discord.as(alice).run(direct, 'emoji', { name: 'direct' })).rejects.toThrow('sees no command');
  });
});

describe('"Make an emoji"', () => {
  test("asks for name, kind and number, and takes one of a result's pictures", async () => {
    const { discord, alice, guild } = studio;
    const modal = await discord.as(alice).contextMenu(result, 'Make an emoji');
    const outcome = await discord.as(alice).submit(modal, { name: 'menu_apple', kind: 'sticker', picture: '2' });
    const preview = await previewed(outcome);
    expect(preview.content).toContain('a red apple');
    await discord.as(alice).press(preview, 'Add the sticker');
    const made = await discord.until(() => [...guild.stickers.values()].find(({ name }) => name === 'menu_apple'));
    expect(made.description).toBe('a red apple');
  });

  test("takes anybody's picture, also after a restart while the form was open; of one picture no number is asked", async () => {
    const { discord, alice, bob } = studio;
    const posted = await discord.as(bob).say(channel, 'look', [{ name: 'a.png', bytes: discord.file(result) }]);
    const modal = await discord.as(alice).contextMenu(posted, 'Make an emoji');
    expect(JSON.stringify(modal.answer)).not.toContain('Which picture');
    await studio.restart();
    const preview = await previewed(await discord.as(alice).submit(modal, { name: 'bobs_apple' }));
    await discord.as(alice).press(preview, 'Add the emoji');
    await discord.until(() => emojis().some(({ name }) => name === 'bobs_apple'));
  });

  test('refuses a message without a picture, and who may not', async () => {
    const { discord, alice, bob } = studio;
    const words = await discord.as(bob).say(channel, 'only words');
    expect((await discord.as(alice).contextMenu(words, 'Make an emoji')).message.content).toContain('no picture');
    expect((await discord.as(bob).contextMenu(result, 'Make an emoji')).message.content).toContain(
      'Create Expressions',
    );
  });

  test('takes a picture whose cache is gone from the message', async () => {
    const { discord, alice } = studio;
    const { pictures, results } = studio.bot.app;
    const { job } = (await results.ofMessage(result.id))!;
    await pictures.remove(`${job}-1.png`);
    const preview = await previewed(await discord.as(alice).run(channel, 'emoji', { name: 'again' }));
    expect(await sharp(discord.file(preview)).metadata()).toMatchObject({ width: 128, height: 128 });
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});

describe('words that a server refuses', () => {
  const stickers = () => [...studio.guild.stickers.values()];
  const refuse = (words: string[]) => studio.bot.app.settings.change(studio.guild.id, { words });
  const says = async (parameters: string) => ({ name: 'a.png', bytes: await pngOf({ parameters }) });
  afterEach(() => {
    // A server has room for five.
    studio.guild.stickers.clear();
    return refuse([]);
  });

  test('are refused in a name', async () => {
    const { discord, alice } = studio;
    await refuse(['clown']);
    const { message } = await discord.as(alice).run(channel, 'emoji', { name: 'red_clowns' });
    expect(message.content).toContain('"clown" is not allowed');
  });

  test.each([
    ['plain', 'a clown in the rain'],
    ['in disguise', 'a cl0wn in the rain'],
    ['behind brackets', 'a cl(ow)n in the rain'],
    ['behind a tag that cannot be read', '<lora:> a clown'],
  ])('do not get from a picture into a description: %s', async (_, prompt) => {
    const { discord, alice } = studio;
    await refuse(['clown']);
    const before = stickers().length;
    const image = await says(`${prompt}\nSteps: 20, Sampler: Euler, Seed: 7`);
    const preview = await previewed(
      await discord.as(alice).run(channel, 'emoji', { name: 'rainy', as: 'sticker', image }),
    );
    expect(preview.attachments[0]!.description).toBe('rainy');
    expect(preview.content).not.toMatch(/in the rain|clown/);
    await discord.as(alice).press(preview, 'Add the sticker');
    await discord.until(() => stickers().length > before);
    expect(stickers().at(-1)).toMatchObject({ name: 'rainy', description: 'rainy' });
  });

  test('all others do, as many as Discord takes', async () => {
    const { discord, alice } = studio;
    const image = await says(`a fox ${'in the rain '.repeat(4000)}\nSteps: 20, Sampler: Euler, Seed: 7`);
    const preview = await previewed(
      await discord.as(alice).run(channel, 'emoji', { name: 'foxy', as: 'sticker', image }),
    );
    const { description } = preview.attachments[0]!;
    expect(description).toMatch(/^a fox in the rain .*…$/);
    expect([...description!].length).toBeLessThanOrEqual(100);
  });
});
