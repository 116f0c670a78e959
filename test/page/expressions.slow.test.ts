import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type APIApplicationCommand, type APIGuild, type REST, Routes } from 'discord.js';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser, Product } from './product.js';

vi.setConfig({ testTimeout: 120_000 });

const face = (side: number, colour: string) =>
  sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 100 100">
    <circle cx="50" cy="50" r="48" fill="${colour}"/><circle cx="35" cy="40" r="8"/><circle cx="65" cy="40" r="8"/></svg>`),
  )
    .png()
    .toBuffer();

/** An element, as far as these tests ask it. */
interface Focused {
  matches(selector: string): boolean;
}

const options = (count: number, label: string) =>
  Array.from({ length: count }, (_, n) => ({ label: `${label} ${n + 1}`, value: `${n}` }));

// Two windows as two users, and the bot's REST for what the bot would do.
describe.skipIf(!CHROMIUM)('languages, emojis, stickers and menus in the page (needs Chromium)', () => {
  let folder: string;
  let product: Product;
  let browser: Browser;
  let ada: DiscordWindow;
  let ben: DiscordWindow;
  let rest: REST;
  let bot: string;
  let guild: string;
  let channel: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-page-'));
    product = await Product.start(folder);
    browser = await launchBrowser();
    ada = await DiscordWindow.open(browser, product.url);
    ben = await DiscordWindow.open(browser, product.url);
    await ben.become('Ben');
    ({ rest, id: bot } = await product.bot());
    [, guild, channel] = /channels\/(\d+)\/(\d+)/.exec(ada.page.url()) as unknown as [string, string, string];
  });

  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('commands, options and choices are in the account’s language; the bot gets their own names', async () => {
    const { page } = ada;
    await ada.type('/imagine');
    await page.getByRole('option', { name: /^\/imagine/ }).waitFor();
    await ada.box.fill('');
    const commands = (await rest.get(Routes.applicationCommands(bot))) as APIApplicationCommand[];
    const imagine = commands.find(({ name }) => name === 'imagine')!;
    const german: Record<string, string> = { prompt: 'beschreibung', aspect: 'format' };
    await rest.patch(Routes.applicationCommand(bot, imagine.id), {
      body: {
        name_localizations: { de: 'male' },
        description_localizations: { de: 'Malt Bilder nach einem Prompt' },
        options: imagine.options!.map((option) => ({
          ...option,
          ...(german[option.name] && { name_localizations: { de: german[option.name] } }),
          ...(option.name === 'aspect' &&
            'choices' in option && {
              choices: option.choices!.map((choice, n) => ({ ...choice, name_localizations: { de: `Form ${n + 1}` } })),
            }),
        })),
      },
    });
    await ada.speak('de');
    await ada.type('/mal');
    await page.getByRole('option', { name: /^\/male beschreibung Malt Bilder nach einem Prompt/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('a red apple format:');
    await page.getByRole('option', { name: 'Form 1', exact: true }).click();
    await page.keyboard.press('Enter');
    const result = await ada.result(1);
    await result.getByText('a red apple').first().waitFor();
    expect(await result.locator('.command').textContent()).toContain('male');
    // Each account has its own language, which a reload keeps.
    expect(await (await ben.result(1)).locator('.command').textContent()).toContain('imagine');
    await page.reload();
    await (await ada.result(1)).locator('.command').getByText('male').waitFor();
    await ada.type('/imagine a castle');
    await page.getByRole('group', { name: 'Befehl /male' }).waitFor();
    await page.keyboard.press('Escape');
    await ada.speak('en-US');
  });

  test('who manages the server sets its language; a member is not offered to', async () => {
    const menu = { name: 'Studio', exact: true };
    await ada.page.locator('easel-channel-list').getByRole('button', menu).click();
    const saved = ada.page.waitForResponse((response) => response.url().endsWith(`/guilds/${guild}`));
    await ada.page.getByLabel('Server’s primary language').selectOption('fr');
    await saved;
    await ada.page.keyboard.press('Escape');
    expect(((await rest.get(Routes.guild(guild))) as APIGuild).preferred_locale).toBe('fr');
    expect(await ben.page.locator('easel-channel-list').getByRole('button', menu).count()).toBe(0);
  });

  test('a new emoji of the server is there in every window: written, large when alone, and reacted with', async () => {
    const image = `data:image/png;base64,${(await face(128, '#e03030')).toString('base64')}`;
    await ben.page.getByRole('button', { name: 'Emoji', exact: true }).click();
    await rest.post(Routes.guildEmojis(guild), { body: { name: 'red_face', image } });
    const picker = ben.page.getByRole('dialog', { name: 'Pick an emoji' });
    await picker.getByRole('menu', { name: 'Studio' }).getByRole('menuitem', { name: 'red_face' }).click();
    await expect.poll(() => ben.box.inputValue()).toBe(':red_face: ');
    await ben.page.keyboard.press('Enter');
    const alone = ada.last.getByRole('img', { name: ':red_face:' });
    await alone.waitFor();
    expect(await alone.boundingBox()).toMatchObject({ width: 48, height: 48 });
    expect(await alone.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(128);
    await ben.type('look :red_face:');
    await ben.page.keyboard.press('Enter');
    const among = ada.message('look').getByRole('img', { name: ':red_face:' });
    expect(await among.boundingBox()).toMatchObject({ width: 22, height: 22 });
    await ada.message('look').hover();
    await ada.message('look').getByRole('button', { name: 'Add Reaction' }).first().click();
    await ada.page.getByRole('combobox', { name: 'Find an emoji' }).fill('red_f');
    await ada.page.getByRole('option', { name: 'red_face' }).waitFor();
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('Enter');
    await ben
      .message('look')
      .getByRole('button', { name: /^red_face, 1 reaction/ })
      .click();
    await ada
      .message('look')
      .getByRole('button', { name: /^red_face, 2 reactions/ })
      .waitFor();
  });

  test('a sticker of the server is sent by keyboard and shown at 160 pixels', async () => {
    const file = { name: 'face.png', key: 'file', data: await face(320, '#30a040'), contentType: 'image/png' };
    const body = { name: 'Green face', tags: '🙂', description: '' };
    await rest.post(Routes.guildStickers(guild), { files: [file], body, appendToFormData: true });
    await ada.page.getByRole('button', { name: 'Emoji', exact: true }).click();
    await ada.page.getByRole('tab', { name: 'Emoji' }).focus();
    await ada.page.keyboard.press('ArrowRight');
    await ada.page.getByRole('button', { name: 'Green face' }).waitFor();
    await ada.page.keyboard.press('Tab');
    await ada.page.keyboard.press('ArrowDown');
    expect(await ada.barriers()).toEqual([]);
    await ada.page.keyboard.press('Enter');
    const sticker = ben.last.getByRole('img', { name: 'Sticker: Green face' });
    await sticker.waitFor();
    expect(await sticker.boundingBox()).toMatchObject({ width: 160, height: 160 });
  });

  test('a menu of 25 options is used by keyboard, and keeps what is chosen while others write', async () => {
    const { page } = ada;
    const select = (custom_id: string, placeholder: string, more: object) => ({
      type: 1,
      components: [{ type: 3, custom_id, placeholder, ...more }],
    });
    await rest.post(Routes.channelMessages(channel), {
      body: {
        content: 'menus',
        components: [
          select('old:one', 'Enlarge…', { options: options(25, 'Picture') }),
          select('old:several', 'Vary…', { options: options(9, 'Picture'), min_values: 1, max_values: 3 }),
          select('old:off', 'Nothing…', { options: options(2, 'Picture'), disabled: true }),
        ],
      },
    });
    const message = ada.messages.filter({ has: page.getByRole('combobox', { name: 'Nothing…' }) });
    expect(await message.getByRole('combobox', { name: 'Nothing…' }).isDisabled()).toBe(true);
    await message.getByRole('combobox', { name: 'Enlarge…' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await message.getByRole('option', { name: 'Picture 25' }).waitFor();
    expect(await ada.barriers()).toEqual([]);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const used = message.getByRole('combobox', { name: 'Enlarge…: Picture 24' });
    await ada.last.getByText('Only you can see this').waitFor();
    expect(await used.evaluate((box) => (box as unknown as Focused).matches(':focus'))).toBe(true);

    await message.getByRole('combobox', { name: 'Vary…' }).click();
    await message.getByRole('option', { name: 'Picture 2' }).click();
    await ben.type('meanwhile');
    await ben.page.keyboard.press('Enter');
    await ada.message('meanwhile').waitFor();
    await message.getByRole('option', { name: 'Picture 4' }).click();
    await message.getByRole('combobox', { name: 'Vary…: Picture 2, Picture 4' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('on a phone a menu opens to a tap, and pictures are as wide as the column', async () => {
    const png = await sharp({ create: { width: 900, height: 900, channels: 3, background: '#4060a0' } })
      .png()
      .toBuffer();
    const menu = { type: 3, custom_id: 'old:one', placeholder: 'Enlarge…', options: options(25, 'Picture') };
    await rest.post(Routes.channelMessages(channel), {
      files: [{ name: 'large.png', data: png, contentType: 'image/png' }],
      body: { content: 'large', components: [{ type: 1, components: [menu] }] },
    });
    const viewport = { width: 390, height: 800 };
    const phone = await DiscordWindow.open(browser, product.url, { viewport, hasTouch: true, isMobile: true });
    const picture = phone.page.getByRole('button', { name: 'Open picture: large.png' });
    const message = phone.messages.filter({ has: picture });
    const { x, width } = (await picture.boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(viewport.width - 16);
    await message.getByRole('combobox', { name: 'Enlarge…' }).tap();
    const option = message.getByRole('option', { name: 'Picture 3', exact: true });
    expect((await option.boundingBox())!.height).toBeGreaterThanOrEqual(40);
    await option.tap();
    await message.getByRole('combobox', { name: 'Enlarge…: Picture 3' }).waitFor();
    await phone.page.context().close();
  });
});
