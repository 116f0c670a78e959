import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { servePage } from '../../src/discord/page-api.js';
import { DrivenDiscord } from '../discord/drive/driven-discord.js';
import { furnish } from '../discord/furnish.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));
/** Bytes of script with which the page begins. */
const MOST_SCRIPT = 230_000;

describe.skipIf(!CHROMIUM)('the emoji picker (needs Chromium)', () => {
  let browser: Browser;
  let discord: DrivenDiscord;
  let room: ReturnType<typeof furnish>;

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

  test.each([
    ['de', 'fuchs'],
    ['en-US', 'fox'],
    ['es-ES', 'zorro'],
    ['fr', 'renard'],
    ['ja', 'キツネ'],
  ])('finds emojis by words of the account’s language (%s)', async (locale, word) => {
    room.alice.locale = locale;
    const { page } = await DiscordWindow.open(browser, discord.url);
    await page.locator(`html[lang="${locale}"]`).waitFor();
    await page.locator('easel-composer .tool').first().click();
    await page.locator('emoji-picker input').fill(word);
    await page.locator('emoji-picker').getByRole('option', { name: /^🦊/ }).click();
    await expect.poll(() => page.locator('easel-composer .line > textarea').inputValue()).toContain('🦊');
  });

  test('is loaded when it is first opened, from here alone, and has no barriers', async () => {
    const window = await DiscordWindow.open(browser, discord.url);
    const { page } = window;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const before = (await page.evaluate(
      `Promise.all(performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).map(({ decodedBodySize }) => decodedBodySize))`,
    )) as number[];
    console.log(`${before.reduce((sum, one) => sum + one, 0)} bytes of script`);
    expect(before.reduce((sum, one) => sum + one, 0)).toBeLessThan(MOST_SCRIPT);
    await page.getByRole('button', { name: 'Emoji', exact: true }).click();
    await page.locator('emoji-picker').getByRole('menuitem', { name: /^😀/ }).first().waitFor();
    expect(asked.filter((url) => url.endsWith('.json'))).not.toEqual([]);
    expect(asked.filter((url) => !url.startsWith(discord.url))).toEqual([]);
    expect(await window.barriers()).toEqual([]);
  });

  test('begins anew each time it is opened', async () => {
    const { page } = await DiscordWindow.open(browser, discord.url);
    const open = () => page.getByRole('button', { name: 'Emoji', exact: true }).click();
    const search = page.locator('emoji-picker').getByRole('combobox', { name: 'Find an emoji' });
    await open();
    await search.fill('fox');
    await page.locator('emoji-picker').getByRole('option', { name: /^🦊/ }).click();
    await open();
    await page.locator('emoji-picker').getByRole('menuitem', { name: /^😀/ }).first().waitFor();
    expect(await search.inputValue()).toBe('');
  });

  test('shows an emoji that is added while it is open, and two of one name', async () => {
    const { page } = await DiscordWindow.open(browser, discord.url);
    await page.getByRole('button', { name: 'Emoji', exact: true }).click();
    await page.locator('emoji-picker').getByRole('menuitem', { name: /^😀/ }).first().waitFor();
    const userId = room.application.botId;
    for (const id of ['1', '2']) {
      room.guild.emojis.set(id, { id, name: 'fox', animated: false, attachment: id, userId });
    }
    discord.world.publish({ name: 'GUILD_EMOJIS_UPDATE', data: {}, guildId: room.guild.id });
    const own = page.locator('emoji-picker').getByRole('menu', { name: 'studio' });
    await own.getByRole('menuitem', { name: 'fox~1' }).click();
    await expect.poll(() => page.locator('easel-composer .line > textarea').inputValue()).toContain('<:fox:2>');
  });
});
