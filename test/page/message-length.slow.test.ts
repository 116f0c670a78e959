import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { servePage } from '../../src/discord/page-api.js';
import { DrivenDiscord } from '../discord/drive/driven-discord.js';
import { furnish } from '../discord/furnish.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));

describe.skipIf(!CHROMIUM)('how much of a message still fits (needs Chromium)', () => {
  let browser: Browser;
  let discord: DrivenDiscord;
  let room: ReturnType<typeof furnish>;
  let window: DiscordWindow;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    discord = await DrivenDiscord.start();
    room = furnish(discord);
    servePage(discord, PAGE, () => ['a cat']);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await discord.stop();
  });
  afterAll(() => browser?.close());

  const open = async (options = {}) => {
    window = await DiscordWindow.open(browser, discord.url, options);
    ({ page } = window);
    await window.box.focus();
  };
  const count = () => page.locator('easel-characters-left .count');
  const heard = () => page.locator('easel-characters-left [role=status]').textContent();

  test('is shown near the limit, and heard once typing pauses', async () => {
    await open();
    await page.keyboard.insertText('x'.repeat(1799));
    expect(await count().count()).toBe(0);
    await page.keyboard.insertText('xx');
    await expect.poll(() => count().textContent()).toBe('199');
    expect(await heard()).toBe('');
    await expect.poll(heard).toBe('199 characters left');
    await page.keyboard.insertText('x'.repeat(198));
    await expect.poll(heard).toBe('1 character left');
    await page.keyboard.insertText('x'.repeat(3));
    await expect.poll(() => count().textContent()).toBe('-2');
    await expect.poll(heard).toBe('2 characters too many');
    expect(await window.barriers()).toEqual([]);
  });

  test('counts an emoji as one character, as Discord does', async () => {
    await open();
    await page.keyboard.insertText('🍎'.repeat(1990));
    await expect.poll(() => count().textContent()).toBe('10');
  });

  test('Enter beyond the limit is refused with a sentence, and nothing is lost: text, files, reply', async () => {
    await open();
    await page.keyboard.type('first');
    await page.keyboard.press('Enter');
    await window.message('first').hover();
    await window.message('first').getByRole('button', { name: 'Reply' }).click();
    const file = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
    await page.locator('easel-composer input[type=file]').setInputFiles(file);
    await window.box.focus();
    await page.keyboard.insertText('y'.repeat(2001));
    await page.keyboard.press('Enter');
    await page.getByText('Your message is too long: 2001 of 2000 characters.').waitFor();
    expect(await window.box.inputValue()).toHaveLength(2001);
    expect(await window.box.getAttribute('aria-invalid')).toBe('true');
    await page.getByText('note.txt').waitFor();
    await page.getByText('Replying to').waitFor();
    await page.keyboard.press('Backspace');
    expect(await count().textContent()).toBe('0');
    await page.keyboard.press('Enter');
    await window.message('y'.repeat(2000)).waitFor();
  });

  test('counts what is sent: names of emojis and members as what they become, blanks around it not', async () => {
    const userId = room.application.botId;
    const id = '1234567890123456789';
    room.guild.emojis.set(id, { id, name: 'fox', animated: false, attachment: id, userId });
    await open();
    await page.keyboard.insertText(`${'x'.repeat(1979)}:fox:   `);
    await expect.poll(() => count().textContent()).toBe(`${2000 - 1979 - `<:fox:${id}>`.length}`);
    await page.keyboard.press('Enter');
    await page.getByText('Your message is too long: 2005 of 2000 characters.').waitFor();
  });

  test('a text that begins with a slash and is no command is counted as well', async () => {
    await open();
    await page.keyboard.insertText(`/usr/bin ${'x'.repeat(2000)}`);
    await expect.poll(() => count().textContent()).toBe('-9');
  });

  test.each([
    ['de', '1 Zeichen zu viel'],
    ['fr', '1 caractère en trop'],
    ['es-ES', 'Sobra 1 carácter'],
    ['ja', '1文字超過しています'],
  ])('is said in the account’s language (%s)', async (locale, sentence) => {
    room.alice.locale = locale;
    await open();
    await page.locator(`html[lang="${locale}"]`).waitFor();
    await page.keyboard.insertText('x'.repeat(2001));
    await expect.poll(heard).toBe(sentence);
  });

  test.each([1280, 390, 320])('leaves room for the text in a window of %i pixels', async (width) => {
    await open({ viewport: { width, height: 640 } });
    await page.keyboard.insertText('words '.repeat(400));
    const [text, number] = [await window.box.boundingBox(), await count().boundingBox()];
    expect(text!.width).toBeGreaterThan(width - 240 - (width > 800 ? 560 : 0));
    expect(number!.x).toBeGreaterThanOrEqual(text!.x + text!.width);
    expect(number!.x + number!.width).toBeLessThan(width);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/length-${width}.png` });
  });
});
