import { ComponentType } from 'discord.js';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Message, User } from '../../../src/discord/things.js';
import { QUICK, Studio } from './harness.js';

let studio: Studio;
let camille: User;
let result: Message;

beforeAll(async () => {
  studio = await Studio.start();
  camille = studio.discord.createUser('camille', { locale: 'fr' });
  studio.discord.join(studio.guild, camille);
  result = await studio.imagine(studio.alice, studio.general);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => studio.stop());

/** Registers a command as another version of the bot had it. */
async function register(command: object): Promise<void> {
  const { apiUrl } = studio.discord;
  const { id, token } = studio.application;
  const response = await fetch(`${apiUrl}/v10/applications/${id}/commands`, {
    method: 'POST',
    headers: { authorization: `Bot ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(command),
  });
  expect(response.ok).toBe(true);
}

describe('what this version does not know is answered, visibly to the member only', () => {
  test.each([
    ['a slash command', { name: 'dream', description: 'Was there once.' }],
    ['an entry of the Apps menu', { name: 'Dream of this', type: 3 }],
  ])('%s', async (_, command) => {
    await register(command);
    const as = studio.discord.as(camille);
    const { message } = await ('type' in command
      ? as.contextMenu(result, command.name)
      : as.run(studio.general, command.name));
    expect(message.content).toContain('Je n’ai plus cette commande');
    expect(message.onlyFor).toBe(camille.id);
  });

  test.each([
    ['a version of custom ids', 'v2:U:1:0123456789abcdef', ComponentType.Button],
    ['an action', 'v1:Y:1:0123456789abcdef', ComponentType.Button],
    ['a setting', 'v1:S:0:colours', ComponentType.ChannelSelect],
    ['what nobody made', 'hello', ComponentType.Button],
    ['a button of what only a form sends', 'v1:M:0:0123456789abcdef', ComponentType.Button],
    ['a menu of what only a button does', 'v1:C:0:0123456789abcdef', ComponentType.StringSelect],
  ])('%s', async (_, customId, type) => {
    const values = type === ComponentType.Button ? undefined : type === ComponentType.StringSelect ? ['1'] : [];
    const { message } = await studio.discord.as(studio.alice).component(result, customId, type, values);
    expect(message.content).toContain('older version');
    expect(message.onlyFor).toBe(studio.alice.id);
  });
});

describe('before the first answer', () => {
  test.each([
    ['/imagine', () => studio.discord.as(studio.alice).run(studio.general, 'imagine', { prompt: 'a cat', ...QUICK })],
    ['a button', () => studio.discord.as(studio.alice).press(result, '🔁')],
  ])('%s reads the rules of the server once', async (_, ask) => {
    const read = vi.spyOn(studio.bot.app.settings, 'of');
    await ask();
    expect(read).toHaveBeenCalledTimes(1);
    await studio.idle();
  });

  test('/inpaint fetches its picture and its mask at the same time', async () => {
    const { discord, alice, general } = studio;
    const bytes = discord.file(result);
    const real = globalThis.fetch;
    const waiting: (() => void)[] = [];
    // Neither arrives before both have been requested.
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (...request) => {
      if (String(request[0]).includes('/attachments/')) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 2) for (const go of waiting) go();
        });
      }
      return real(...request);
    });
    const { message } = await discord.as(alice).run(general, 'inpaint', {
      image: { name: 'picture.png', bytes },
      mask: { name: 'mask.png', bytes },
      prompt: 'a red apple',
      count: 1,
    });
    expect(waiting).toHaveLength(2);
    await studio.finished(message);
  });
});

test('nothing went wrong meanwhile', () => {
  expect(studio.log).toEqual([]);
});
