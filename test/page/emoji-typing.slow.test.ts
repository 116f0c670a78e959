import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { servePage } from '../../src/discord/page-api.js';
import { DrivenDiscord } from '../discord/drive/driven-discord.js';
import { furnish } from '../discord/furnish.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));

describe.skipIf(!CHROMIUM)('`:name` is completed to an emoji in the message box (needs Chromium)', () => {
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
    const userId = room.application.botId;
    for (const [id, name] of [
      ['11', 'arctic_fox'],
      ['12', 'foxglove'],
    ] as const)
      room.guild.emojis.set(id, { id, name, animated: false, attachment: id, userId });
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
  const type = (text: string) => page.keyboard.type(text);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const list = () => page.locator('easel-composer #emojis');
  const names = () => list().locator('.name').allTextContents();
  const marked = () => list().locator('[aria-selected=true] .name').allTextContents();

  test('the server’s own come first, those that begin so before others, then Unicode’s', async () => {
    await open();
    await type('look :fox');
    await expect.poll(names).toEqual([':foxglove:', ':arctic_fox:', ':fox:']);
    const attribute = (name: string) => window.box.getAttribute(name);
    const listbox = page.locator(`easel-composer #${await attribute('aria-controls')}`);
    expect(await listbox.getAttribute('role')).toBe('listbox');
    expect(await listbox.getAttribute('aria-label')).toBe('Emoji matching :fox');
    const active = page.locator(`easel-composer #${await attribute('aria-activedescendant')}`);
    expect(await active.textContent()).toMatch(/^\s*:foxglove:\s*$/);
    expect(await window.barriers()).toEqual([]);
    await press('Enter');
    await press('Enter');
    await window.last.locator('img[alt*=foxglove]').waitFor();
  });

  // Each with one that every font has: the others came with Unicode 15, 16 and 17.
  test.each([
    ['sha', '🦈', '🫨'],
    ['fing', '🤞', '🫆'],
    ['or', '🦧', '🫍'],
  ])('of `:%s`, only what this system has a picture of is offered, as in the picker', async (begun, old, recent) => {
    await open();
    await type(`:${begun}`);
    await expect.poll(() => list().textContent()).toContain(old);
    const offered = (await list().textContent())!.includes(recent);
    await window.box.fill('');
    await page.getByRole('button', { name: 'Emoji', exact: true }).click();
    const picker = page.locator('emoji-picker');
    await picker.locator('input').fill(begun);
    const found = (emoji: string) => picker.getByRole('option', { name: new RegExp(`^${emoji}`) });
    await found(old).waitFor();
    expect(offered).toBe((await found(recent).count()) > 0);
  });

  test.each(['Enter', 'Tab'])('arrows mark, around the ends, and %s takes', async (key) => {
    await open();
    await type(':fox');
    await expect.poll(names).toHaveLength(3);
    await press('ArrowUp');
    await expect.poll(marked).toEqual([':fox:']);
    await press('ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp', key);
    expect(await window.box.inputValue()).toBe('🦊 ');
    await expect.poll(() => list().count()).toBe(0);
    await type('!');
    expect(await window.box.inputValue()).toBe('🦊 !');
  });

  test('a click takes, and the caret stays behind it, in the middle of a text too', async () => {
    await open();
    await type('a  dog');
    await press('Home', 'ArrowRight', 'ArrowRight');
    await type(':fox');
    await list().getByText(':fox:', { exact: true }).click();
    await type(',');
    expect(await window.box.inputValue()).toBe('a 🦊, dog');
  });

  test('Escape closes the list and keeps the text and the reply; Enter then sends it', async () => {
    await open();
    await type('first');
    await press('Enter');
    await window.message('first').hover();
    await window.message('first').getByRole('button', { name: 'Reply' }).click();
    await type(':fox');
    await expect.poll(names).toHaveLength(3);
    await press('Escape');
    await expect.poll(() => list().count()).toBe(0);
    await page.getByText('Replying to').waitFor();
    await type('y');
    expect(await list().count()).toBe(0);
    expect(await window.box.inputValue()).toBe(':foxy');
    await press('Escape');
    await page.getByText('Replying to').waitFor({ state: 'hidden' });
    await press('Enter');
    await window.message(':foxy').waitFor();
  });

  test.each(['a:fox', '7:fox', '::fox', ':f', 'https://fox', '12:30', ': fox'])('%s offers nothing', async (text) => {
    await open();
    await type(text);
    // What would have been found is looked for by then.
    await type(' :fox');
    await expect.poll(names).toHaveLength(3);
    await press('Escape', 'Backspace', 'Backspace', 'Backspace', 'Backspace', 'Backspace');
    expect(await list().count()).toBe(0);
  });

  test('the closing colon of an exact name takes it, and what is typed or sent at once waits for it', async () => {
    await open();
    await type('so :thumbsup: and more');
    await expect.poll(() => window.box.inputValue()).toBe('so 👍️ and more');
    await type(' :foxglove: :nothing_such:');
    expect(await window.box.inputValue()).toBe('so 👍️ and more :foxglove: :nothing_such:');
    await press('Enter');
    await window.message('so').getByText(':nothing_such:').waitFor();
    await type(':heart:');
    await press('Enter');
    await window.last.getByText('❤️').waitFor();
  });

  test.each([
    ['de', ':fuc', ':fuchs:'],
    ['es-ES', ':zor', ':zorro:'],
    ['fr', ':ren', ':renard:'],
    ['ja', ':キツ', ':キツネの顔:'],
    ['de', ':thumbsu', ':thumbsup:'],
  ])('by the words of the account’s language, and Discord’s own names (%s %s)', async (locale, typed, whole) => {
    room.alice.locale = locale;
    await open();
    await page.locator(`html[lang="${locale}"]`).waitFor();
    await page.keyboard.insertText(typed);
    await expect.poll(names).toContain(whole);
    await press('Escape');
    await window.box.fill('');
    await window.box.focus();
    await page.keyboard.insertText(whole);
    await expect.poll(() => window.box.inputValue()).toMatch(/^(🦊|👍️)$/u);
  });

  test('in another channel the list is gone', async () => {
    discord.createChannel(room.guild, 'other');
    await open();
    await type(':fox');
    await expect.poll(names).toHaveLength(3);
    await page.locator('easel-channel-list').getByText('other').click();
    await expect.poll(() => window.box.inputValue()).toBe('');
    expect(await list().count()).toBe(0);
  });

  test.each([1280, 390, 320])('is whole in a window of %i pixels, with forced colours as well', async (width) => {
    await open({ viewport: { width, height: 640 }, forcedColors: 'active' });
    await type(':he');
    await expect.poll(names).toHaveLength(10);
    const box = (await list().boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(
      await list()
        .locator('.active')
        .evaluate(
          (line) =>
            (globalThis as never as { getComputedStyle(e: unknown): { outlineStyle: string } }).getComputedStyle(line)
              .outlineStyle,
        ),
    ).toBe('solid');
    expect(await window.barriers()).toEqual([]);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/emoji-${width}.png` });
  });
});
