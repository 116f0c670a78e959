import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Routes } from 'discord.js';
import type { Browser, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { PageAccount } from '../../src/discord/page-protocol.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser, Product } from './product.js';

vi.setConfig({ testTimeout: 180_000 });

/** A fifth of what web.dev's "Cumulative Layout Shift" calls good: a progress line may wrap on a narrow screen, once. */
const STEADY = 0.02;

describe.skipIf(!CHROMIUM)('what a person looks at stays where it is (needs Chromium)', () => {
  let folder: string;
  let product: Product;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-page-'));
    product = await Product.start(folder);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ['four pictures', 1280, '/imagine a cat and a pizza count: 4 steps: 100'],
    ['two pictures', 390, '/imagine a cat count: 2 steps: 150'],
  ])('nothing shifts from /imagine to the grid (%s, %i pixels wide)', async (_, width, line) => {
    const window = await DiscordWindow.open(browser, product.url, { viewport: { width, height: 800 } });
    const { page } = window;
    // A busy machine paints so many steps for long.
    page.setDefaultTimeout(150_000);
    await page.locator('easel-greeting .prompt').nth(2).waitFor();
    const before = await window.results.count();
    const pictures = new Set<string>();
    page.on('request', (request) => request.url().includes('preview.png') && pictures.add(request.url()));
    await product.slowly(async () => {
      await window.command(line);
      // What moves the messages is the answer to Enter; browsers excuse it for half a second, which a busy machine exceeds.
      await page.locator('img[src*="preview.png"]').last().waitFor();
      await page.evaluate(`
        window.shifts = [];
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifts.push(value);
        }).observe({ type: 'layout-shift' });
      `);
      await expect.poll(() => pictures.size, { message: 'progress is shown', timeout: 150_000 }).toBeGreaterThan(1);
    });
    await window.result(before + 1);
    // The observer is told after the frame.
    await page.waitForTimeout(500);
    const shifts = (await page.evaluate('window.shifts')) as number[];
    console.log(`${width} pixels: shifted by ${shifts.reduce((sum, one) => sum + one, 0).toFixed(4)}`);
    expect(shifts.reduce((sum, one) => sum + one, 0)).toBeLessThan(STEADY);
    await page.context().close();
  });

  test('a command that is being typed outlives what happens meanwhile: news, commands, lost connections, a restart', async () => {
    const ada = await DiscordWindow.open(browser, product.url);
    const { page } = ada;
    const ben = await DiscordWindow.open(browser, product.url);
    await ben.become('Ben');
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket('**/page/api/live*', (socket) => {
      sockets.push(socket);
      socket.connectToServer();
    });
    await page.reload();
    await ada.type('/imagine a red apple count:');
    await page.keyboard.type('1');
    const form = page.locator('easel-command-form');
    const typed = () =>
      form.locator('[data-option]').evaluateAll((all) => all.map((one) => (one as never as { value: string }).value));
    await form.evaluate((element) => Object.assign(element, { first: true }));
    const same = () => form.evaluate((element) => (element as never as { first?: boolean }).first);

    await ben.type('meanwhile');
    await ben.page.keyboard.press('Enter');
    await ada.message('meanwhile').waitFor();
    await ben.speak('fr');
    await ben.speak('en-US');
    const { rest, id } = await product.bot();
    const body = await rest.get(Routes.applicationCommands(id));
    await rest.put(Routes.applicationCommands(id), { body });
    for (const socket of [...sockets]) await socket.close();
    await page.getByText('Lost the connection to the local Discord.').waitFor();
    await page.getByText('Lost the connection to the local Discord.').waitFor({ state: 'hidden' });
    product = await product.restart();
    await page.getByText('Lost the connection to the local Discord.').waitFor({ state: 'hidden' });

    expect(await same()).toBe(true);
    expect(await typed()).toEqual(['a red apple', '1']);
    const before = await ada.results.count();
    await page.getByRole('button', { name: 'Send /imagine' }).click();
    await ada.result(before + 1);
    await ben.page.context().close();
    await page.context().close();
  });

  test('a long prompt is read as it is typed: it wraps', async () => {
    const ada = await DiscordWindow.open(browser, product.url);
    const { page } = ada;
    await ada.type('/imagine ');
    await page.keyboard.insertText(`${'a castle on a hill, '.repeat(30)}\nwith a flag`);
    const field = page.locator('easel-command-form [data-option=prompt]');
    const { width, height } = (await field.boundingBox())!;
    expect(height).toBeGreaterThan(60);
    expect(width).toBeLessThan(1280 - 300);
    expect(await field.inputValue()).toMatch(/hill, with a flag$/);
    expect(await ada.barriers()).toEqual([]);
    await page.context().close();
  });

  test('a long conversation is in its order after a lost connection, with what was missed', async () => {
    const ada = await DiscordWindow.open(browser, product.url);
    const { page } = ada;
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket('**/page/api/live*', (socket) => {
      sockets.push(socket);
      socket.connectToServer();
    });
    const accounts = (await (await fetch(`${product.url}/page/api/accounts`)).json()) as PageAccount[];
    const channel = /channels\/\d+\/(\d+)/.exec(page.url())![1];
    const write = (content: string) =>
      fetch(`${product.url}/page/api/channels/${channel}/messages`, {
        method: 'POST',
        headers: { 'x-account': accounts[1]!.user.id, 'content-type': 'application/json' },
        body: JSON.stringify({ content }),
      });
    for (let n = 1; n <= 120; n++) await write(`number ${n}`);
    await page.reload();
    await ada.message(/number 120\b/).waitFor();
    await page.mouse.move(600, 400);
    const first = ada.messages.filter({ hasText: /number 1\b/ });
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -4000);
        return first.count();
      })
      .toBe(1);
    await page.getByRole('button', { name: 'Jump To Present' }).click();
    await sockets.at(-1)!.close();
    await write('number 121');
    await ada.message(/number 121\b/).waitFor();
    const shown = (await ada.messages.locator('.text').allTextContents()).join(' ').match(/number \d+/g);
    expect(shown).toEqual(Array.from({ length: 121 }, (_, n) => `number ${n + 1}`));
    await page.context().close();
  });

  test('windows that ask while the server starts are answered, and it goes on starting', async () => {
    const account = await fetch(`${product.url}/page/api/accounts`).then(
      async (answer) => ((await answer.json()) as PageAccount[])[0]!.user.id,
    );
    await product.stop();
    let asked = 0;
    const asking = setInterval(() => {
      const socket = new WebSocket(`${product.url.replace('http', 'ws')}/page/api/live?account=${account}`);
      socket.on('message', () => asked++);
      socket.on('error', () => {});
    }, 20);
    product = await product.restart();
    clearInterval(asking);
    expect(asked).toBeGreaterThan(0);
  });

  test('another account begins with an empty message box', async () => {
    const ada = await DiscordWindow.open(browser, product.url);
    await ada.type('not for Ben to send');
    await ada.become('Ben');
    expect(await ada.box.inputValue()).toBe('');
    await ada.type('/imagine mine');
    await ada.become('Ada');
    expect(await ada.box.inputValue()).toBe('');
    await ada.page.context().close();
  });
});
