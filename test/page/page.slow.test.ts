import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadPicture } from '../../src/engine/image/load.js';
import { readMetadata } from '../../src/engine/image/metadata.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import { resize } from '../../src/engine/image/resize.js';
import { SIDE } from '../embedded.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser, Product } from './product.js';

vi.setConfig({ testTimeout: 120_000 });

const ASSETS = fileURLToPath(new URL('../../dist/page/assets', import.meta.url));

// In order: each test goes on in the window where the one before it ended, as a newcomer would.
describe.skipIf(!CHROMIUM)('the page, with the real bot and model (needs Chromium: set CHROMIUM to its path)', () => {
  let folder: string;
  let product: Product;
  let browser: Browser;
  let ada: DiscordWindow;
  const scriptErrors: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-page-'));
    product = await Product.start(folder);
    browser = await launchBrowser();
    ada = await DiscordWindow.open(browser, product.url);
    ada.page.on('pageerror', (error) => scriptErrors.push(error.message));
  });

  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('greets with three prompts; a click paints one', async () => {
    const prompts = ada.page.locator('easel-greeting .prompt');
    await expect.poll(() => prompts.count()).toBe(3);
    const prompt = await prompts.first().evaluate((button) => String(button.textContent).trim());
    const clicked = performance.now();
    await prompts.first().click();
    const result = await ada.result(1);
    console.log(`first grid ${((performance.now() - clicked) / 1000).toFixed(1)} s after the click`);
    await result.getByText(prompt).first().waitFor();
    expect(await ada.picture(result)).toMatchObject({ width: 2 * SIDE + 6, height: 2 * SIDE + 6 });
    expect(performance.now() - clicked).toBeLessThan(60_000);
  });

  test('a command is typed, its options are found, checked and filled by keyboard', async () => {
    const { page } = ada;
    await ada.type('/ima');
    await page.getByRole('option', { name: /^\/imagine/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('a castle');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('9');
    await page.keyboard.press('Enter');
    await page.getByText('Input an integer of at most 4.').waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    const result = await ada.result(2);
    await result.getByText('a castle').first().waitFor();
    expect(await ada.picture(result)).toMatchObject({ width: 2 * SIDE + 6, height: SIDE + 4 });
  });

  test('autocomplete asks the bot', async () => {
    const { page } = ada;
    await ada.type('/imagine a fox sampler: eul');
    await page.getByRole('option', { name: 'Euler a', exact: true }).click();
    await page.keyboard.press('Escape');
    await ada.box.waitFor();
  });

  test('U1 enlarges the first picture, V2 varies the second', async () => {
    const grid = ada.results.first();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await ada.page.route('**/page/api/channels/*/interactions', async (route) => {
      await held;
      await route.continue();
    });
    const button = grid.getByRole('button', { name: 'U1' });
    await button.click();
    // While it waits it shows dots, and is still called what it was.
    await expect.poll(() => button.getAttribute('aria-busy')).toBe('true');
    goOn();
    await ada.message('Picture 1, enlarged').getByRole('button', { name: 'V1' }).waitFor();
    expect(await ada.picture(ada.message('Picture 1, enlarged'))).toMatchObject({ width: 1024, height: 1024 });
    await ada.page.unroute('**/page/api/channels/*/interactions');
    await grid.getByRole('button', { name: 'V2' }).click();
    await ada.message('Variations of picture 2').getByRole('button', { name: 'V1' }).waitFor();
  });

  test('a reaction reruns, and a second click takes it back', async () => {
    const before = await ada.results.count();
    const grid = ada.results.nth(1);
    await grid.hover();
    await grid.getByRole('button', { name: 'Add Reaction' }).first().click();
    const picker = ada.page.getByRole('dialog', { name: 'Pick an emoji' });
    await picker.getByRole('combobox', { name: 'Find an emoji' }).fill('repeat');
    await picker.getByRole('option', { name: /^🔁/ }).click();
    const reaction = grid.getByRole('button', { name: /^🔁, 1 reaction/ });
    await reaction.waitFor();
    await ada.result(before + 1);
    await reaction.click();
    await reaction.waitFor({ state: 'detached' });
  });

  test('the modal keeps what was painted, refuses an empty prompt and paints what is submitted', async () => {
    const before = await ada.results.count();
    await ada.results.first().getByRole('button', { name: 'Edit' }).click();
    const modal = ada.page.getByRole('dialog', { name: 'Edit and paint again' });
    const prompt = modal.getByRole('textbox', { name: 'Prompt', exact: true });
    expect(await prompt.inputValue()).not.toBe('');
    await prompt.fill('');
    await modal.getByRole('button', { name: 'Submit' }).click();
    await modal.getByText('This field is required').waitFor();
    await prompt.fill('four hearts');
    await modal.getByRole('button', { name: 'Submit' }).click();
    await modal.waitFor({ state: 'hidden' });
    await (await ada.result(before + 1)).getByText('four hearts').waitFor();
  });

  test('/vary takes a picture that is uploaded', async () => {
    const { page } = ada;
    const before = await ada.results.count();
    const buffer = await sharp({ create: { width: 128, height: 128, channels: 3, background: '#d03030' } })
      .png()
      .toBuffer();
    await ada.type('/vary ');
    await page.getByLabel('image', { exact: true }).setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer });
    await page.getByText('red.png').waitFor();
    await page.getByRole('button', { name: 'Send /vary' }).click();
    await ada.result(before + 1);
  });

  test('files come by paste and by drop too', async () => {
    await ada.box.focus();
    // In the browser: a file in the clipboard, and one under the mouse.
    const events = {
      paste: "new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, composed: true })",
      drop: "new DragEvent('drop', { dataTransfer: transfer, bubbles: true, composed: true, cancelable: true })",
    };
    for (const [name, event] of Object.entries(events)) {
      await ada.page.evaluate(`
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array([1, 2, 3])], '${name}.bin'));
        document.querySelector('easel-app').shadowRoot.querySelector('main').dispatchEvent(${event});
      `);
      await ada.page.getByRole('button', { name: `Remove ${name}.bin` }).waitFor();
    }
    await ada.box.press('Enter');
    await ada.last.getByRole('link', { name: 'paste.bin', exact: true }).waitFor();
    await ada.last.getByRole('link', { name: 'drop.bin', exact: true }).waitFor();
  });

  test('two windows as two users see the same channel live; an ephemeral reply is seen by one', async () => {
    const ben = await DiscordWindow.open(browser, product.url);
    await ben.become('Ben');
    await ben.type('hello from Ben');
    await ben.page.keyboard.press('Enter');
    await ada.message('hello from Ben').waitFor();
    const { length } = await ada.messages.all();
    await ben.command('/imagine a fox hidden: True');
    await ben.last.getByText('Only you can see this').waitFor();
    await ben.last.getByRole('button', { name: 'U1' }).waitFor();
    // Something public after it shows that the other window is up to date.
    await ben.type('that was for me alone');
    await ben.page.keyboard.press('Enter');
    await ada.message('that was for me alone').waitFor();
    expect(await ada.messages.count()).toBe(length + 1);
    await ben.page.context().close();
  });

  test('a member is not offered what is for those who manage the server; who is, sees it alone', async () => {
    const { page } = ada;
    await ada.become('Ben');
    await ada.type('/');
    await page.getByRole('option', { name: /^\/imagine/ }).waitFor();
    expect(await page.getByRole('option', { name: /^\/settings/ }).count()).toBe(0);
    await ada.box.fill('');
    await ada.become('Ada');
    await ada.command('/settings show ');
    await ada.last.getByText('Only you can see this').waitFor();
    await ada.last.getByRole('button', { name: 'Dismiss message' }).click();
    await page.getByText('Only you can see this').waitFor({ state: 'detached' });
  });

  test('a context menu has the apps’ commands', async () => {
    await ada.results.nth(1).locator('.name').first().click({ button: 'right' });
    await ada.page.getByRole('menuitem', { name: 'How was this made?' }).click();
    await ada.last.getByText('Only you can see this').waitFor();
    await ada.last.getByText('a castle').first().waitFor();
  });

  test('a picture opens large, zooms by keyboard and closes', async () => {
    const { page } = ada;
    await ada.results
      .last()
      .getByRole('button', { name: /^Open picture/ })
      .click();
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    const image = lightbox.getByRole('img');
    const width = async () => (await image.boundingBox())!.width;
    const before = await width();
    await page.keyboard.press('+');
    expect(await width()).toBeCloseTo(before * 1.5, 0);
    await page.keyboard.press('0');
    expect(await width()).toBeCloseTo(before, 0);
    await page.keyboard.press('Escape');
    await lightbox.waitFor({ state: 'hidden' });
  });

  test('a mask is brushed on a picture by keyboard; /inpaint paints there and nowhere else', async () => {
    const { page } = ada;
    const enlarged = ada.message('Picture 1, enlarged');
    const { bytes: source } = await ada.picture(enlarged);
    const before = await ada.results.count();
    await enlarged.getByRole('button', { name: /^Open picture/ }).click();
    await page.getByRole('button', { name: 'Inpaint…' }).click();
    const brush = page.getByRole('dialog', { name: 'Paint a mask' });
    await brush.getByRole('application').focus();
    for (let k = 0; k < 6; k++) {
      await page.keyboard.press(' ');
      await page.keyboard.press('ArrowRight');
    }
    await brush.getByRole('button', { name: 'Use mask' }).click();
    await page.getByText('mask.png').waitFor();
    await page.keyboard.type('a red apple count: 1 seed: 4');
    await page.keyboard.press('Enter');
    const { bytes: painted } = await ada.picture(await ada.result(before + 1));
    // Twice the model's own size, so that it is fitted to that first.
    const fitted = resize(await loadPicture(source), SIDE, SIDE, 'lanczos');
    const result = await loadPicture(painted);
    const region = ({ data, width, height }: Pixels, left: number, top: number) =>
      sharp(data, { raw: { width, height, channels: 3 } })
        .extract({ left, top, width: 20, height: 20 })
        .raw()
        .toBuffer();
    expect(await region(result, 0, 0)).toEqual(await region(fitted, 0, 0));
    const middle = SIDE / 2 - 10;
    expect(await region(result, middle, middle)).not.toEqual(await region(fitted, middle, middle));
  });

  test('/grid is typed, and one of its pictures is enlarged from the menu', async () => {
    const { page } = ada;
    await ada.command('/grid a fox across: steps: 1, 2, 3 down: scale: 2, 4');
    const table = ada.messages.filter({ has: page.getByRole('combobox', { name: /^Enlarge…/ }) }).last();
    await table.locator('img[src*="/attachments/"]').first().waitFor();
    const before = await ada.results.count();
    await table.getByRole('combobox', { name: 'Enlarge…' }).click();
    await table.getByRole('option', { name: '6 · scale 4, 3 steps' }).click();
    const enlarged = await ada.result(before + 1);
    await enlarged.getByText('Picture 6, enlarged').waitFor();
    const large = await ada.picture(enlarged);
    expect(large).toMatchObject({ width: 1024, height: 1024 });
    expect(await readMetadata(large.bytes)).toMatchObject({ steps: 3, scale: 4 });
  });

  test('/emoji shows what it will add; confirmed, it is in the picker', async () => {
    const { page } = ada;
    await ada.command('/emoji little_fox');
    await ada.last.getByText(':little_fox:').waitFor();
    await ada.last.getByRole('button', { name: 'Add the emoji' }).click();
    await ada.last.getByText('was added: write').waitFor();
    await page.getByRole('button', { name: 'Emoji', exact: true }).click();
    await page.locator('emoji-picker').getByRole('menuitem', { name: 'little_fox' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('a picture’s place is kept before it is loaded: nothing moves when it comes', async () => {
    const { page } = ada;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/attachments/**', async (route) => {
      await held;
      await route.continue();
    });
    await page.reload();
    const picture = ada.results.last().locator('easel-picture button');
    await picture.waitFor();
    const before = await picture.boundingBox();
    expect(await picture.locator('img').count()).toBe(0);
    release();
    await picture.locator('img').waitFor();
    expect(await picture.boundingBox()).toEqual(before);
    await page.unroute('**/attachments/**');
  });

  test('servers and direct messages are switched; the bot paints in a direct message', async () => {
    const { page } = ada;
    await page.getByRole('button', { name: /^Book club/ }).click();
    await page.getByRole('textbox', { name: 'Message #general' }).waitFor();
    expect(await ada.messages.count()).toBe(0);
    await page.getByRole('button', { name: /^Direct Messages/ }).click();
    await page.getByRole('textbox', { name: 'Message @Easel' }).waitFor();
    await ada.command('/imagine a red apple count: 1');
    await ada.result(1);
  });

  test('a reload and a restart of the server keep what there was', async () => {
    await ada.page.reload();
    await ada.result(1);
    product = await product.restart();
    await ada.page.getByText('Lost the connection to the local Discord.').waitFor({ state: 'hidden' });
    await ada.page.reload();
    const result = await ada.result(1);
    await ada.page.locator('easel-channel-list').getByRole('img', { name: 'Online' }).waitFor();
    await result.getByRole('button', { name: 'V1' }).click();
    await ada.message('Variations of picture 1').getByRole('button', { name: 'V1' }).waitFor();
  });

  test.each([
    ['dark', 1280],
    ['light', 1280],
    ['dark', 390],
  ] as const)('axe finds nothing serious (%s, %i pixels wide)', async (colorScheme, width) => {
    const window = await DiscordWindow.open(browser, product.url, { colorScheme, viewport: { width, height: 800 } });
    const { page } = window;
    await window.result(1);
    const found = await window.barriers();
    if (width < 800) {
      await page.getByRole('button', { name: 'Servers and channels' }).click();
      found.push(...(await window.barriers()));
      await page.keyboard.press('Escape');
    }
    await window.type('/');
    found.push(...(await window.barriers()));
    await page.keyboard.type('imagine ');
    found.push(...(await window.barriers()));
    expect(found).toEqual([]);
    // Nothing is wider than the window.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.context().close();
  });

  test('all scripts together stay under 300 kB compressed, and none failed', () => {
    const scripts = readdirSync(ASSETS).filter((name) => name.endsWith('.js'));
    const size = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(ASSETS, name))).length, 0);
    console.log(`${(size / 1000).toFixed(1)} kB of compressed script`);
    expect(size).toBeLessThan(300_000);
    expect(scriptErrors).toEqual([]);
  });
});
