/**
 * Makes the pictures of docs/images from the page itself, with the bot and the embedded model behind it.
 *
 * `npm run screenshots`; needs Chromium (CHROMIUM is its path if it is somewhere unusual) and a font with emojis.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { packageRoot } from '../src/package-root.js';
import { launchBrowser, requireChromium } from './chromium.js';

const PORT = 8432;
const URL = `http://127.0.0.1:${PORT}/`;
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 800 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

requireChromium();
const folder = await mkdtemp(join(tmpdir(), 'easel-screenshots-'));
const env = { ...process.env, DISCORD_TOKEN: '', DATA_DIR: folder, LOCAL_PORT: String(PORT), HEALTH_PORT: '0' };
const main = join(packageRoot, 'dist/src/main.js');
const product = spawn('node', [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const browser = await launchBrowser();
try {
  await once(product.stdout!, 'data');
  await tour(browser);
} finally {
  await browser.close();
  product.kill('SIGTERM');
  await once(product, 'exit');
  await rm(folder, { recursive: true, force: true });
}

/** @throws Error where buttons would show empty boxes: what has no colours is no emoji. */
async function requireEmojis(page: Page): Promise<void> {
  const coloured = await page.evaluate<boolean>(`{
    const context = document.createElement('canvas').getContext('2d');
    context.font = '20px sans-serif';
    context.fillText('🔁', 0, 20);
    const { data } = context.getImageData(0, 0, 24, 24);
    data.some((value, at) => at % 4 === 2 && value !== data[at - 1]);
  }`);
  if (!coloured) throw new Error('There is no font with emojis: install one, such as fonts-noto-color-emoji.');
}

async function tour(browser: Browser): Promise<void> {
  const page = await open(browser, 'dark', DESKTOP);
  await requireEmojis(page);
  await page.locator('easel-greeting .prompt').nth(2).waitFor();
  await shoot(page, 'welcome');
  await page.locator('easel-greeting .prompt').nth(2).click();
  await results(page, 1);
  await shoot(page, 'grid');

  await page.keyboard.type('/');
  await page.getByRole('option').first().waitFor();
  await shoot(page, 'commands');
  await page.keyboard.type('imagine a fox in the forest count: ');
  await page.waitForTimeout(300);
  await shoot(page, 'options');
  await page.keyboard.type('4');
  await page.keyboard.press('Enter');
  const fox = await results(page, 2);
  const url = await fox.locator('easel-picture img').first().getAttribute('src');
  const grid = await (await page.request.get(url!)).body();
  await sharp(grid).png({ compressionLevel: 9, palette: true }).toFile(join(packageRoot, 'docs/images/first-grid.png'));
  await fox.getByRole('button', { name: 'U2' }).click();
  await results(page, 3);
  await page
    .locator('easel-message')
    .last()
    .getByRole('button', { name: /^Open picture/ })
    .click();
  await page.getByRole('button', { name: 'Inpaint…' }).click();
  await page.getByRole('application').focus();
  for (let k = 0; k < 5; k++) {
    await page.keyboard.press(' ');
    await page.keyboard.press('ArrowRight');
  }
  await shoot(page, 'mask');
  await page.keyboard.press('Escape');
  await fox.hover();
  await fox.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByRole('textbox').first().waitFor();
  await shoot(page, 'edit');
  await page.keyboard.press('Escape');
  await fox.locator('.name').first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'How was this made?' }).waitFor();
  await shoot(page, 'menu');
  await page.getByRole('menuitem', { name: 'How was this made?' }).click();
  await page.getByText('This is how it was made').first().waitFor();
  await page.waitForTimeout(300);
  await shoot(page, 'only-you');
  await page.keyboard.type('/grid a castle across: steps: 2, 5, 20 down: scale: 2, 6 seed: 7');
  await page.keyboard.press('Enter');
  await page.getByText('Enlarge…').last().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(500);
  await shoot(page, 'table');
  await page.keyboard.type('/emoji castle picture: 6');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add the emoji' }).waitFor();
  await page.waitForTimeout(500);
  await shoot(page, 'emoji');
  await page.keyboard.type('/stats');
  await page.keyboard.press('Enter');
  // It has no options: the first Enter took it, the second sends it.
  await page.getByRole('button', { name: 'Send /stats' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Painted here', { exact: true }).waitFor();
  await page.waitForTimeout(500);
  await shoot(page, 'stats');

  const light = await open(browser, 'light', DESKTOP);
  await results(light, 2);
  await light.waitForTimeout(300);
  await shoot(light, 'light');
  const phone = await open(browser, 'dark', PHONE);
  await (await results(phone, 2)).scrollIntoViewIfNeeded();
  await phone.waitForTimeout(300);
  await shoot(phone, 'phone');
  await phone.getByRole('button', { name: 'Servers and channels' }).click();
  await phone.waitForTimeout(400);
  await shoot(phone, 'phone-channels');

  // So many steps that there is something to see before they are done.
  await page.keyboard.type('/imagine a castle on a pink background steps: 100');
  await page.keyboard.press('Enter');
  await page.getByText(/step [3-9]\d of/).waitFor({ timeout: 120_000 });
  await page.waitForTimeout(300);
  await shoot(page, 'progress');
  await moderation(browser);
}

/** What those who manage a server see of its moderation. */
async function moderation(browser: Browser): Promise<void> {
  const page = await open(browser, 'dark', DESKTOP);
  const send = async (command: string, answer: RegExp) => {
    await page.keyboard.type(command);
    await page.waitForTimeout(300);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(300);
    // The first Enter may have taken a choice.
    if (await page.getByRole('button', { name: /^Send \// }).isVisible()) await page.keyboard.press('Enter');
    await page.getByText(answer).last().waitFor({ timeout: 120_000 });
  };
  await page.getByRole('textbox').last().waitFor();
  await send('/settings log channel: paintings', /Saved/);
  await send('/settings words ', /Words, separated by commas/);
  await page.getByRole('dialog').getByRole('textbox').fill('gun*, *gore*');
  await page.getByRole('dialog').getByRole('button', { name: 'Submit' }).click();
  await page.getByText('gun*, *gore*').first().waitFor();
  await send('/imagine a red apple on a table count: 1 seed: 7', /for @Ada/);
  await send('/imagine a gunfight in a saloon', /is not allowed in prompts/);
  await send('/settings words test: a big (gun:1.2)', /This would be refused/);
  await shoot(page, 'words');
  await send('/block member who: Ben time: 1 day reason: spam', /cannot use me in this server/);
  await page
    .getByRole('link', { name: /paintings/ })
    .first()
    .click();
  await page
    .getByText(/blocked @Ben until/)
    .last()
    .waitFor();
  await page.waitForTimeout(300);
  await shoot(page, 'moderation-log');
}

async function open(browser: Browser, colorScheme: 'dark' | 'light', options: object): Promise<Page> {
  const page = await (await browser.newContext({ ...options, colorScheme, reducedMotion: 'reduce' })).newPage();
  await page.goto(URL);
  return page;
}

/** Waits for the n-th result and its picture. */
async function results(page: Page, n: number) {
  const result = page
    .locator('easel-message')
    .filter({ has: page.getByRole('button', { name: 'V1' }) })
    .nth(n - 1);
  await result.locator('easel-picture img').first().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(300);
  return result;
}

async function shoot(page: Page, name: string): Promise<void> {
  // Nothing is under the mouse.
  await page.mouse.move(400, 20);
  const png = await page.screenshot();
  await sharp(png)
    .webp({ quality: 82 })
    .toFile(join(packageRoot, 'docs/images', `${name}.webp`));
  console.log(`docs/images/${name}.webp`);
}
