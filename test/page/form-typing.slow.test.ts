import { fileURLToPath } from 'node:url';
import { REST } from 'discord.js';
import { type APIApplicationCommand, Routes } from 'discord-api-types/v10';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { servePage } from '../../src/discord/page-api.js';
import type { PageInteraction } from '../../src/discord/page-protocol.js';
import { DrivenDiscord } from '../discord/drive/driven-discord.js';
import { furnish } from '../discord/furnish.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));

const SIZE = { type: 4, name: 'size', description: 'Pixels a side', min_value: 8 };
const COUNT = { type: 4, name: 'count', description: 'How many' };
const COMMANDS = [
  ['draw', [{ type: 3, name: 'prompt', description: 'What', required: true }, SIZE, COUNT]],
  [
    'who',
    [
      { type: 6, name: 'member', description: 'Of whom' },
      { type: 8, name: 'role', description: 'Of which role' },
      { type: 7, name: 'place', description: 'Where' },
      { type: 9, name: 'either', description: 'Member or role' },
      { type: 5, name: 'hidden', description: 'Only you' },
    ],
  ],
  ['pick', [{ type: 3, name: 'style', description: 'How', autocomplete: true }]],
  [
    'blend',
    [
      { type: 11, name: 'image', description: 'From', required: true },
      { type: 11, name: 'other', description: 'And' },
    ],
  ],
] as const;

// What the window sends is looked at; the app answers nothing.
describe.skipIf(!CHROMIUM)('a command is filled in by many hands and keyboards (needs Chromium)', () => {
  let browser: Browser;
  let discord: DrivenDiscord;
  let room: ReturnType<typeof furnish>;
  let window: DiscordWindow;
  let page: Page;
  let sent: PageInteraction[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    discord = await DrivenDiscord.start();
    room = furnish(discord);
    const { application } = room;
    const commands = COMMANDS.map(([name, options], at) => ({
      id: `${at + 1}`,
      application_id: application.id,
      version: '1',
      type: 1,
      name,
      description: `About ${name}`,
      options,
    }));
    application.commands.set('', commands as unknown as APIApplicationCommand[]);
    discord.world.put('applications', application);
    servePage(discord, PAGE, () => []);
    sent = [];
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await discord.stop();
  });
  afterAll(() => browser?.close());

  const open = async (options = {}) => {
    window = await DiscordWindow.open(browser, discord.url, options);
    ({ page } = window);
    await page.route('**/page/api/channels/*/interactions', async (route) => {
      const body = route.request().postData() ?? '';
      sent.push(JSON.parse(body.startsWith('{') ? body : /\{"type":.*\}/.exec(body)![0]));
      await route.fulfill({ json: { kind: 'message' } });
    });
    await window.box.focus();
  };
  const type = (text: string) => page.keyboard.type(text);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const form = () => page.locator('easel-command-form');
  const field = (name: string) => form().locator(`[data-option=${name}]`);
  const begin = async (line: string) => {
    await type(line);
    await form().locator(':focus').waitFor();
  };
  const options = async () => {
    await expect.poll(() => sent.length).toBe(1);
    const { data } = sent[0] as Extract<PageInteraction, { type: 2 }>;
    return Object.fromEntries(
      (data as { options: { name: string; value: unknown }[] }).options.map((o) => [o.name, o.value]),
    );
  };
  const suggestions = () => form().locator('[role=option] > span:not(.glyph)').allTextContents();
  const marked = () => form().locator('[role=option][aria-selected=true] > span:not(.glyph)').allTextContents();
  /** Copied in one place and pasted in another, as a person does. */
  const copy = async (text: string) => {
    await window.box.focus();
    await page.keyboard.insertText(text);
    await press('Control+a', 'Control+x');
  };
  const ime = (session: CDPSession, text: string) =>
    session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });

  /** As Chromium gets keys that an input method takes (UI Events, "Keyboard events during composition"). */
  const imeKeys = async (session: CDPSession, ...keys: string[]) => {
    for (const key of keys)
      await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code: key, windowsVirtualKeyCode: 229 });
  };

  test('by a Japanese keyboard: wide colons and figures', async () => {
    await open();
    await begin('/draw ');
    await page.keyboard.insertText('赤い狐　ｓｉｚｅ：');
    await form().locator('[data-option=size]:focus').waitFor();
    await page.keyboard.insertText('１２８');
    await press('Tab');
    await page.keyboard.insertText('count：');
    await form().locator('[data-option=count]:focus').waitFor();
    await page.keyboard.insertText('２');
    await press('Enter');
    expect(await options()).toEqual({ prompt: '赤い狐', size: 128, count: 2 });
  });

  test('names with a capital, as a phone writes them', async () => {
    await open();
    await begin('/Draw a fox Size:');
    await type('64');
    await press('Tab');
    await type('Count:3');
    await press('Enter');
    expect(await options()).toEqual({ prompt: 'a fox', size: 64, count: 3 });
  });

  test('what is pasted into an option fills the others, as if it had been typed', async () => {
    await open();
    await copy('a fox count: 2 size: 64');
    await begin('/draw ');
    await press('Control+v');
    await expect.poll(() => field('prompt').inputValue()).toBe('a fox');
    expect([await field('count').inputValue(), await field('size').inputValue()]).toEqual(['2', '64']);
    await press('Enter');
    expect(await options()).toEqual({ prompt: 'a fox', count: 2, size: 64 });
  });

  test('what another program wrote stays one text, and so does a name that is there already', async () => {
    await open();
    const text = 'a fox, Size: 512x512 time: now prompt: a dog';
    await copy(text);
    await begin('/draw ');
    await press('Control+v', 'Enter');
    expect(await options()).toEqual({ prompt: text });
  });

  test('a marked suggestion stays marked when others come', async () => {
    discord.createChannel(room.guild, 'paintings');
    await open();
    await begin('/who place:');
    await expect.poll(suggestions).toEqual(['#general', '#paintings']);
    await press('ArrowDown', 'ArrowDown');
    await expect.poll(marked).toEqual(['#paintings']);
    discord.createChannel(room.guild, 'drawings', { position: -1 } as never);
    await expect.poll(suggestions).toHaveLength(3);
    expect(await marked()).toEqual(['#paintings']);
    await press('Enter');
    await press('Enter');
    expect(Object.keys(await options())).toEqual(['place']);
  });

  test('a marked command stays marked when another is registered', async () => {
    await open();
    await type('/');
    await press('ArrowDown');
    const active = () => page.locator('easel-composer #commands [aria-selected=true] strong').allTextContents();
    await expect.poll(active).toEqual(['/who']);
    const { application } = room;
    const registered = application.commands
      .get('')!
      .map(({ name, description, options }) => ({ name, description, options }));
    await new REST({ api: `${discord.url}/api` })
      .setToken(application.token)
      .put(Routes.applicationCommands(application.id), {
        body: [{ name: 'aaa', description: 'New' }, ...registered],
      });
    await page.locator('easel-composer #commands').getByText('/aaa').waitFor();
    expect(await active()).toEqual(['/who']);
  });

  test('a member, role or channel that is typed and not picked is found by its name', async () => {
    const role = discord.createRole(room.guild, 'Painters');
    await open();
    await begin('/who ');
    await type('member:ALICE role:painters place:#general either:@Painters');
    await press('Enter');
    expect(await options()).toEqual({
      member: room.alice.id,
      role,
      place: room.general.id,
      either: role,
    });
  });

  test.each([
    ['member', 'No member here is called “Zoe”. Choose one from the list.'],
    ['role', 'No role here is called “Zoe”. Choose one from the list.'],
    ['place', 'No channel here is called “Zoe”. Choose one from the list.'],
    ['either', 'No member or role here is called “Zoe”. Choose one from the list.'],
  ])('a %s that is not here is refused with a sentence', async (name, sentence) => {
    await open();
    await begin(`/who ${name}:`);
    await type('Zoe');
    await press('Enter');
    await form().getByText(sentence).waitFor();
    expect(await field(name).inputValue()).toBe('Zoe');
    // What the sentence speaks of is there.
    expect((await suggestions()).length).toBeGreaterThan(0);
    expect(await window.barriers()).toEqual([]);
    expect(sent).toEqual([]);
  });

  test('what names no option is refused with all of them to choose from, and Enter alone takes none', async () => {
    await open();
    await begin('/blend ');
    await type('sise: 5');
    await press('Enter');
    await form().getByText('This command has no option “sise: 5”').waitFor();
    await expect.poll(suggestions).toEqual(['other']);
    await press('Enter');
    expect(await form().locator('.adder').inputValue()).toBe('sise: 5');
    await press('ArrowDown', 'Enter');
    await form().locator('[data-option=other]:focus').waitFor();
    expect(sent).toEqual([]);
  });

  test('an option whose app has nothing to offer says so, and only what is typed is said not to match', async () => {
    await open();
    await page.route('**/page/api/channels/*/interactions', (route) =>
      route.fulfill({ json: { kind: 'choices', choices: [] } }),
    );
    await begin('/pick ');
    await type('style:');
    await form().getByText('There is nothing to choose from yet').waitFor();
    await type('x');
    await form().getByText('No options match what you typed').waitFor();
  });

  test('of two with one name neither is guessed: both are offered, told apart by their accounts', async () => {
    const twin = discord.createUser('alice_2');
    twin.globalName = 'alice';
    discord.join(room.guild, twin);
    await open();
    await begin('/who member:');
    await type('alice');
    await expect.poll(suggestions).toEqual(['alice', 'alice']);
    await form().getByText('alice_2').waitFor();
    await press('Enter');
    await form().getByText('“alice” is the name of more than one. Choose one from the list.').waitFor();
    await press('ArrowDown', 'ArrowDown', 'Enter', 'Enter');
    expect(await options()).toEqual({ member: twin.id });
  });

  test('yes and no in the account’s language are typed as well', async () => {
    room.alice.locale = 'de';
    await open();
    await page.locator('html[lang=de]').waitFor();
    await begin('/who hidden:');
    await type('wahr');
    await press('Enter', 'Enter');
    expect(await options()).toEqual({ hidden: true });
  });

  test('`:name` is completed in a text option, and sent as in a message', async () => {
    const userId = room.application.botId;
    room.guild.emojis.set('77', { id: '77', name: 'foxglove', animated: false, attachment: '77', userId });
    await open();
    await begin('/draw ');
    await type('a :fox');
    await expect.poll(suggestions).toEqual([':foxglove:', ':fox:']);
    expect(await marked()).toEqual([':foxglove:']);
    expect(await window.barriers()).toEqual([]);
    await press('Enter');
    await type('and :fox');
    await expect.poll(suggestions).toHaveLength(2);
    await press('Escape');
    await form().waitFor();
    expect(await field('prompt').inputValue()).toBe('a :foxglove: and :fox');
    await type(':');
    await expect.poll(() => field('prompt').inputValue()).toBe('a :foxglove: and 🦊');
    await press('Enter');
    expect(await options()).toEqual({ prompt: 'a <:foxglove:77> and 🦊' });
  });

  test('after Remove the focus is at the box of the file, then at the option before', async () => {
    await open();
    await begin('/blend ');
    await type('other:');
    const file = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
    await field('image').setInputFiles(file);
    await field('other').setInputFiles(file);
    const remove = form().getByRole('button', { name: 'Remove other' });
    await remove.focus();
    await press('Enter');
    await form().locator('[data-option=other]:focus').waitFor();
    await remove.focus();
    await press('Enter');
    await form().locator('[data-option=image]:focus').waitFor();
  });

  test('after Remove of a message’s file the focus is at the next file, and at last in the text', async () => {
    await open();
    const named = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') });
    await page.locator('easel-composer input[type=file]').setInputFiles(['a', 'b', 'c'].map(named));
    await page.getByRole('button', { name: 'Remove b' }).focus();
    for (const next of ['c', 'a']) {
      await press('Enter');
      await page.locator(`easel-composer button[aria-label="Remove ${next}"]:focus`).waitFor();
    }
    await press('Enter');
    await page.locator('easel-composer textarea:focus').waitFor();
  });

  test('Enter, Escape and arrows of an input method are its own, in the message box', async () => {
    await open();
    const session = await page.context().newCDPSession(page);
    await ime(session, 'きつね');
    await imeKeys(session, 'Enter', 'Escape');
    expect(await window.box.inputValue()).toBe('きつね');
    await session.send('Input.insertText', { text: '狐' });
    expect(await window.box.inputValue()).toBe('狐');
    expect(await window.messages.count()).toBe(0);
    await press('Enter');
    await window.message('狐').waitFor();
    await type('/');
    await page.locator('easel-composer #commands').waitFor();
    await ime(session, 'd');
    await imeKeys(session, 'Enter');
    await ime(session, 'dr');
    await expect.poll(() => window.box.inputValue()).toBe('/dr');
    expect(await form().count()).toBe(0);
  });

  test('and in a command: nothing is sent, taken or left, and a name begins its option once it is written', async () => {
    await open();
    await begin('/draw ');
    const session = await page.context().newCDPSession(page);
    await ime(session, 'きつね');
    await imeKeys(session, 'Enter', 'Tab', 'Escape');
    expect(await field('prompt').inputValue()).toBe('きつね');
    await session.send('Input.insertText', { text: '狐 ' });
    await ime(session, 'size：');
    expect(await field('size').count()).toBe(0);
    await session.send('Input.insertText', { text: 'size：' });
    await form().locator('[data-option=size]:focus').waitFor();
    expect(sent).toEqual([]);
    await type('32');
    await press('Enter');
    expect(await options()).toEqual({ prompt: '狐', size: 32 });
  });

  test('Shift+Enter breaks a line in a message, and sends nothing in a command', async () => {
    await open();
    await type('one');
    await press('Shift+Enter');
    await type(':fox');
    await press('Shift+Enter');
    await type('two');
    expect(await window.box.inputValue()).toBe('one\n:fox\ntwo');
    await window.box.fill('');
    await begin('/draw a fox');
    await press('Shift+Enter');
    await type(' in snow');
    expect(await field('prompt').inputValue()).toBe('a fox in snow');
    expect(sent).toEqual([]);
  });

  test('Escape closes the list of commands, then the reply; what is typed stays', async () => {
    await open();
    await type('first');
    await press('Enter');
    await window.message('first').hover();
    await window.message('first').getByRole('button', { name: 'Reply' }).click();
    await type('/dr');
    const commands = page.locator('easel-composer #commands');
    await commands.waitFor();
    await press('Escape');
    await commands.waitFor({ state: 'hidden' });
    await page.getByText('Replying to').waitFor();
    expect(await window.box.inputValue()).toBe('/dr');
    await press('Escape');
    await page.getByText('Replying to').waitFor({ state: 'hidden' });
    await type('a');
    await commands.waitFor();
  });

  test.each([1280, 390, 320])('is whole in a window of %i pixels, with forced colours as well', async (width) => {
    await open({ viewport: { width, height: 640 }, forcedColors: width === 390 ? 'none' : 'active' });
    await begin('/who member:');
    await type('Zoe');
    await press('Enter');
    await form().getByText('No member here').waitFor();
    const { x, width: wide } = (await form().boundingBox())!;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + wide).toBeLessThanOrEqual(width);
    expect(await window.barriers()).toEqual([]);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/form-${width}.png` });
  });
});
