import { fileURLToPath } from 'node:url';
import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LocalDiscord } from '../../src/discord/drive/local-discord.js';
import { servePage } from '../../src/discord/page-api.js';
import type { Channel, Message } from '../../src/discord/world.js';
import { furnish } from '../discord/furnish.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));
const LIMIT = 1_000_000;

describe.skipIf(!CHROMIUM)('what happens reaches the window (needs Chromium)', () => {
  let browser: Browser;
  let discord: LocalDiscord;
  let room: ReturnType<typeof furnish>;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    discord = await LocalDiscord.start();
    room = furnish(discord);
    servePage(discord, PAGE, () => ['a cat']);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await discord.stop();
  });
  afterAll(() => browser?.close());

  function write(channel: Channel, content: string, more: object = {}): Promise<Message> {
    return discord.messages.create(channel, { content, ...more }, [], {
      authorId: room.application.botId,
      fileLimit: LIMIT,
    });
  }

  /** The history's answer is written down, and comes when told. */
  async function holdHistory(page: Page, channel: Channel) {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = () => {};
    const answered = new Promise<void>((resolve) => {
      asked = resolve;
    });
    await page.route(`**/page/api/channels/${channel.id}/messages?*`, async (route) => {
      const response = await route.fetch();
      asked();
      await held;
      await route.fulfill({ response });
    });
    return { answered, release };
  }

  test('in a channel that is opened for the first time while its history is on its way', async () => {
    const { guild } = room;
    const paintings = discord.createChannel(guild, 'paintings');
    const painting = await write(paintings, 'Painting 3 of 20');
    const gone = await write(paintings, 'gone');
    const { page, ...window } = await open();
    const history = await holdHistory(page, paintings);
    await page.getByRole('link', { name: 'paintings' }).click();
    await history.answered;
    await discord.messages.edit(paintings, painting, { content: 'Done' }, [], LIMIT);
    discord.messages.remove(paintings, gone);
    await write(paintings, 'another');
    await window.told('another');
    history.release();
    await expect.poll(() => page.locator('easel-message .text').allTextContents()).toEqual(['Done(edited)', 'another']);
  });

  test('after a lost connection, while what was missed is on its way', async () => {
    const { general } = room;
    const painting = await write(general, 'Painting 3 of 20');
    const { page } = await open();
    await page.getByText('Painting 3 of 20').waitFor();
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket('**/page/api/live*', (socket) => {
      sockets.push(socket);
      socket.connectToServer();
    });
    await page.reload();
    await page.getByText('Painting 3 of 20').waitFor();
    const history = await holdHistory(page, general);
    await sockets[0]!.close();
    await history.answered;
    await discord.messages.edit(general, painting, { content: 'Done' }, [], LIMIT);
    await page.getByText('Done').waitFor();
    const loaded = page.waitForResponse((response) => response.url().includes('/messages?'));
    history.release();
    await loaded;
    await page.waitForTimeout(200);
    expect(await page.locator('easel-message .text').allTextContents()).toEqual(['Done(edited)']);
  });

  /** A window, with a way to wait until the socket told it of a text. */
  async function open() {
    const frames: string[] = [];
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await page.goto(discord.url);
    await page.locator('easel-composer .line > textarea').waitFor();
    return { page, told: (text: string) => expect.poll(() => frames.some((one) => one.includes(text))).toBe(true) };
  }
});
