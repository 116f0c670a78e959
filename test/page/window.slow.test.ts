import { fileURLToPath } from 'node:url';
import { type APIApplicationCommand, MessageFlags, PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Browser, Locator, Page, WebSocketRoute } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { servePage } from '../../src/discord/page-api.js';
import type { Channel, Message, User } from '../../src/discord/things.js';
import { DrivenDiscord } from '../discord/drive/driven-discord.js';
import { furnish } from '../discord/furnish.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));
const LIMIT = 1_000_000;

describe.skipIf(!CHROMIUM)('a window (needs Chromium)', () => {
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

  function write(channel: Channel, content: string, extra: object = {}): Promise<Message> {
    return discord.messages.create(channel, { content }, [], {
      authorId: room.application.botId,
      fileLimit: LIMIT,
      extra,
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

  test('hears what happens in a channel that is opened for the first time while its history is on its way', async () => {
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

  test('hears what happens after a lost connection, while what was missed is on its way', async () => {
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

  test('a picture whose address is no longer taken is shown again, in its message and by itself', async () => {
    const { general, application } = room;
    discord.createChannel(room.guild, 'painting');
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const files = [{ n: 0, name: 'apple.png', type: 'image/png', bytes }];
    await discord.messages.create(general, { content: '' }, files, { authorId: application.botId, fileLimit: LIMIT });
    const { page } = await open();
    const image = page.locator('easel-message img[src*="/attachments/"]');
    const before = await image.getAttribute('src');
    discord.cdn.expireAll();
    // Routed requests pass by the browser's cache.
    await page.route('**/attachments/**', (route) => route.continue());
    await image.click();
    const alone = page.locator('easel-lightbox img');
    const loaded = async (one: Locator) =>
      (await one.evaluate((node) => (node as never as { naturalWidth: number }).naturalWidth)) > 0;
    await expect.poll(() => loaded(alone)).toBe(true);
    await page.keyboard.press('Escape');
    expect(await image.getAttribute('src')).not.toBe(before);
    // Shown anew from a list that was loaded before.
    discord.cdn.expireAll();
    await page.getByRole('link', { name: 'painting' }).click();
    await image.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'general' }).click();
    await expect.poll(() => loaded(image)).toBe(true);
    expect(await page.getByText('no longer').count()).toBe(0);
  });

  test('a gallery’s pictures are turned over one by one, by button, key and finger, past those behind a spoiler', async () => {
    const colours = ['red', 'green', 'blue', 'white'];
    const files = await Promise.all(
      colours.map(async (background, n) => {
        const create = { width: 64, height: 64, channels: 3, background } as const;
        return { n, name: `${background}.png`, type: 'image/png', bytes: await sharp({ create }).png().toBuffer() };
      }),
    );
    const items = colours.map((colour) => ({
      media: { url: `attachment://${colour}.png` },
      description: `a ${colour} square`,
      spoiler: colour === 'blue',
    }));
    const gallery = { flags: MessageFlags.IsComponentsV2, components: [{ type: 12, items }] };
    await discord.messages.create(room.general, gallery, files, {
      authorId: room.application.botId,
      fileLimit: LIMIT,
    });
    const { page } = await open();
    await page.getByRole('button', { name: 'Open picture: a green square' }).click();
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    const shows = (text: string) => lightbox.getByText(text, { exact: true }).waitFor();
    await shows('2 of 3');
    await shows('a green square');
    await lightbox.getByRole('button', { name: 'Next picture' }).click();
    await shows('a white square');
    await page.keyboard.press('ArrowRight');
    await shows('a red square');
    await page.keyboard.press('PageUp');
    await shows('a white square');
    // Zoomed, the arrows pan.
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowLeft');
    await shows('a white square');
    await page.keyboard.press('0');
    const { x, y, width, height } = (await lightbox.getByRole('img').boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 120, y + height / 2, { steps: 4 });
    await page.mouse.up();
    await shows('a green square');
    await page.keyboard.press('Escape');
    // Once it is uncovered it is one of them.
    await page.getByRole('button', { name: 'Spoiler: show the picture' }).click();
    await page.getByRole('button', { name: 'Open picture: a blue square' }).click();
    await shows('3 of 4');
  });

  test('a screen reader hears that an app is thinking, what it says then and its result, not each step', async () => {
    const { general, application } = room;
    const { page, told } = await open();
    await page.evaluate(`{
      window.heard = [];
      const list = document.querySelector('easel-app').shadowRoot.querySelector('easel-message-list');
      const live = list.shadowRoot.querySelector('[aria-live]');
      new MutationObserver(() => window.heard.push(live.textContent)).observe(live, { subtree: true, childList: true, characterData: true });
    }`);
    const edit = async (content: string, button: string) => {
      const components = [{ type: 1, components: [{ type: 2, style: 2, custom_id: button, label: button }] }];
      await discord.messages.edit(general, message, { content, components } as never, [], LIMIT);
      await told(content);
    };
    const message = await write(general, '', { flags: MessageFlags.Loading });
    await told(message.id);
    await edit('step 1 of 3', 'cancel');
    await edit('step 2 of 3', 'cancel');
    await edit('step 3 of 3', 'cancel');
    await edit('a red apple', 'again');
    const name = discord.world.user(application.botId).username;
    await expect
      .poll(() => page.evaluate('window.heard'))
      .toEqual([`${name}: is thinking`, `${name}: step 1 of 3`, `${name}: a red apple`]);
  });

  test('an app that is thinking when its time is over did not respond', async () => {
    const message = await write(room.general, '', { flags: MessageFlags.Loading });
    message.timestamp = new Date(Date.now() - 15 * 60_000 + 4000).toISOString();
    const { page } = await open();
    await page.getByText('is thinking…').waitFor();
    await page.getByText('The application did not respond').waitFor();
    expect(await page.getByText('is thinking…').count()).toBe(0);
  });

  test('offers nothing that its account may not do: files, prompts and commands', async () => {
    const { application, alice, general, guild } = room;
    const bob = discord.createUser('bob');
    discord.join(guild, bob);
    const command = { id: '1', type: 1, name: 'imagine', description: 'paints' };
    application.commands.set('', [
      command,
      { ...command, id: '2', type: 3, name: 'Vary' },
    ] as unknown as APIApplicationCommand[]);
    await write(general, 'a picture');
    const offers = async (account: User) => {
      const { page } = await open(account);
      await page.locator('easel-greeting h2').waitFor();
      const prompts = await page.locator('easel-greeting .prompt').count();
      await page.getByText('a picture').click({ button: 'right' });
      await page.getByRole('menu').waitFor();
      const apps = await page.getByRole('menuitem', { name: 'Vary' }).count();
      await page.keyboard.press('Escape');
      await page.evaluate(`{
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File(['text'], 'a.txt', { type: 'text/plain' }));
        window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
      }`);
      const told = page.getByText('You do not have permission to attach files');
      await told.or(page.getByText('a.txt')).first().waitFor();
      return { prompts, apps, files: await page.getByText('a.txt').count() };
    };
    general.overwrites = [{ id: bob.id, type: 1, allow: 0n, deny: P.AttachFiles | P.UseApplicationCommands }];
    expect(await offers(alice)).toEqual({ prompts: 1, apps: 1, files: 1 });
    expect(await offers(bob)).toEqual({ prompts: 0, apps: 0, files: 0 });
  });

  /** A window, with a way to wait until the socket told it of a text. */
  test('what only one sees stays in the window through a lost connection, and is gone after a reload', async () => {
    const { general, alice } = room;
    await write(general, 'for all');
    const sockets: WebSocketRoute[] = [];
    const { page } = await open(alice, async (page) => {
      await page.routeWebSocket('**/page/api/live*', (socket) => {
        sockets.push(socket);
        socket.connectToServer();
      });
    });
    const texts = () => page.locator('easel-message .text').allTextContents();
    await expect.poll(texts).toEqual(['for all']);
    await discord.messages.create(general, { content: 'for you' }, [], {
      authorId: room.application.botId,
      fileLimit: LIMIT,
      onlyFor: alice.id,
    });
    await expect.poll(texts).toEqual(['for all', 'for you']);
    await sockets.at(-1)!.close();
    await write(general, 'missed');
    await expect.poll(texts).toEqual(['for all', 'for you', 'missed']);
    await page.reload();
    await expect.poll(texts).toEqual(['for all', 'missed']);
  });

  test('a link to a message finds it, however far back, and goes to the end where it is gone', async () => {
    const { general, guild } = room;
    const written = [];
    for (let n = 1; n <= 130; n++) written.push(await write(general, `number ${n} `));
    const { page } = await open();
    await page.goto(`${discord.url}/channels/${guild.id}/${general.id}/${written[4]!.id}`);
    const found = page.locator('easel-message-list li.found');
    await found.getByText('number 5 ').waitFor();
    await expect
      .poll(() => found.evaluate((item) => (item as never as { matches(selector: string): boolean }).matches(':focus')))
      .toBe(true);
    discord.messages.remove(general, written[9]!);
    await page.goto(`${discord.url}/channels/${guild.id}/${general.id}/${written[9]!.id}`);
    await expect
      .poll(() =>
        page.locator('easel-message-list .scroller').evaluate((node) => {
          const { scrollHeight, scrollTop, clientHeight } = node as unknown as Record<string, number>;
          return scrollHeight! - scrollTop! - clientHeight!;
        }),
      )
      .toBeLessThan(80);
  });

  test('while the history is on its way, its shape is there', async () => {
    const paintings = discord.createChannel(room.guild, 'paintings');
    await write(paintings, 'there');
    const { page } = await open();
    const history = await holdHistory(page, paintings);
    await page.getByRole('link', { name: 'paintings' }).click();
    await page.locator('easel-skeleton').waitFor();
    history.release();
    await page.getByText('there', { exact: true }).waitFor();
    expect(await page.locator('easel-skeleton').count()).toBe(0);
  });

  test('a window that becomes narrow closes the list of members, and shows it again when it is wide', async () => {
    const { page } = await open();
    const members = page.locator('easel-members');
    await members.waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    await members.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 1280, height: 800 });
    await members.waitFor();
  });

  test('with forced colours, what has the focus and what is chosen have outlines', async () => {
    const { page } = await open();
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
    const outline = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((node) => {
          const { getComputedStyle } = globalThis as never as {
            getComputedStyle(node: unknown): { outlineStyle: string };
          };
          return getComputedStyle(node).outlineStyle;
        });
    await page.locator('easel-composer textarea').focus();
    expect(await outline('easel-composer .frame')).toBe('solid');
    expect(await outline('easel-channel-list a[aria-current=page]')).toBe('solid');
    expect(await outline('easel-rail button[aria-current=true]')).toBe('solid');
  });

  async function open(account = room.alice, prepare = async (_: Page) => {}) {
    const frames: string[] = [];
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    await page.addInitScript(`sessionStorage.setItem('account', '${account.id}')`);
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await prepare(page);
    await page.goto(discord.url);
    await page.locator('easel-composer .line > textarea').waitFor();
    return { page, told: (text: string) => expect.poll(() => frames.some((one) => one.includes(text))).toBe(true) };
  }
});
