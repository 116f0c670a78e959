import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadPicture } from '../../src/engine/image/load.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import { cut } from '../../src/engine/image/region.js';
import { SIDE } from '../embedded.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser, Product } from './product.js';

vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(!CHROMIUM)('the page, with a form that takes a mask (needs Chromium: set CHROMIUM to its path)', () => {
  let folder: string;
  let product: Product;
  let browser: Browser;
  let ada: DiscordWindow;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-region-'));
    product = await Product.start(folder);
    browser = await launchBrowser();
    ada = await DiscordWindow.open(browser, product.url, { viewport: { width: 390, height: 780 } });
  });

  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the mask is painted on the message’s picture, sent with the form, and only what is white changes', async () => {
    const { page } = ada;
    await ada.command('/imagine a red apple count: 1 steps: 2 seed: 7');
    await (await ada.result(1)).getByRole('button', { name: 'U1' }).click();
    const enlarged = await ada.result(2);
    const { bytes: before } = await ada.picture(enlarged);

    await enlarged.getByRole('button', { name: 'Vary region…' }).click();
    const form = page.getByRole('dialog', { name: 'Vary a region' });
    await form.getByRole('button', { name: 'Submit' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByRole('button', { name: 'Paint a mask' }).click();
    const brush = page.getByRole('dialog', { name: 'Paint a mask' });
    await brush.getByRole('application').focus();
    for (let k = 0; k < 3; k++) {
      await page.keyboard.press(' ');
      await page.keyboard.press('ArrowRight');
    }
    await brush.getByRole('button', { name: 'Use mask' }).click();
    await form.getByText('mask.png').waitFor();
    expect(await ada.barriers()).toEqual([]);
    await form.getByRole('textbox').fill('a green leaf');
    await form.getByRole('button', { name: 'Submit' }).click();

    const varied = await ada.result(3);
    await varied.getByText('Picture 1, a region varied').waitFor();
    const [old, now] = [await loadPicture(before), await loadPicture((await ada.picture(varied)).bytes)];
    const part = (picture: Pixels, left: number, top: number) => cut(picture, { left, top, width: 120, height: 120 });
    expect(now).toMatchObject({ width: 1024, height: 1024 });
    expect(part(now, 0, 0)).toEqual(part(old, 0, 0));
    expect(part(now, 0, 880)).toEqual(part(old, 0, 880));
    expect(part(now, 480, 452)).not.toEqual(part(old, 480, 452));
    // Four rows of buttons go on a phone, too.
    await varied.getByRole('button', { name: '➡️' }).click();
    const wide = await ada.result(4);
    expect(await ada.picture(wide)).toMatchObject({ width: 3 * SIDE, height: 2 * SIDE });
    expect(await wide.evaluate((node) => node.scrollWidth > node.clientWidth)).toBe(false);
  });
});
