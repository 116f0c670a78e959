import { fileURLToPath } from 'node:url';
import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { servePage } from '../../src/discord/page-api.js';
import type { PageInteraction } from '../../src/discord/page-protocol.js';
import { DrivenDiscord } from '../discord/drive/driven-discord.js';
import { furnish } from '../discord/furnish.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));

const STYLE = { type: 3, name: 'style', description: 'A style of the server', autocomplete: true };
const SIZE = { type: 4, name: 'size', description: 'Pixels a side', min_value: 8 };
const SHAPE = {
  type: 3,
  name: 'shape',
  description: 'Its form',
  choices: [
    { name: 'Wide', value: '3:2' },
    { name: 'Tall', value: '2:3' },
  ],
};
const COMMANDS = [
  ['paint', [{ type: 3, name: 'prompt', description: 'What', required: true }, STYLE, SIZE, SHAPE]],
  ['defaults', [SIZE, SHAPE]],
  ['change', [{ type: 11, name: 'image', description: 'From', required: true }, SIZE]],
] as const;

// By keyboard alone. What the window sends is looked at; the app answers nothing, or no choices.
describe.skipIf(!CHROMIUM)('a command is typed by keyboard (needs Chromium)', () => {
  let browser: Browser;
  let discord: DrivenDiscord;
  let page: Page;
  let sent: PageInteraction[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    discord = await DrivenDiscord.start();
    const { application, alice } = furnish(discord);
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
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.setDefaultTimeout(40_000);
    sent = [];
    await page.route('**/page/api/channels/*/interactions', async (route) => {
      const body = route.request().postData() ?? '';
      const json = body.startsWith('{') ? body : /\{"type":.*\}/.exec(body)![0];
      const interaction = JSON.parse(json) as PageInteraction;
      if (interaction.type === 4) return route.fulfill({ json: { kind: 'choices', choices: [] } });
      sent.push(interaction);
      await route.fulfill({ json: { kind: 'message' } });
    });
    await page.addInitScript(`sessionStorage.setItem('account', '${alice.id}')`);
    await page.goto(discord.url);
    await page.locator('easel-composer .line > textarea').waitFor();
    await page.locator('easel-composer .line > textarea').focus();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await discord.stop();
  });
  afterAll(() => browser?.close());

  const type = (text: string) => page.keyboard.type(text);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const begin = async (line: string) => {
    await type(line);
    await page.locator('easel-command-form').waitFor();
    // The caret is in the form.
    await expect.poll(() => page.evaluate('document.activeElement.shadowRoot.activeElement?.localName')).toBeTruthy();
    await page.locator('easel-command-form :focus').waitFor();
  };
  const options = async () => {
    await expect.poll(() => sent.length).toBe(1);
    const { data } = sent[0] as Extract<PageInteraction, { type: 2 }>;
    return Object.fromEntries(
      (data as { options: { name: string; value: unknown }[] }).options.map((o) => [o.name, o.value]),
    );
  };
  const list = () => page.locator('easel-command-form [role=option] > span').allTextContents();

  test('an option whose app suggests nothing offers nothing else, and its text is not replaced', async () => {
    await begin('/paint a fox style:');
    await type('oil');
    await page.getByText('No options match what you typed').waitFor();
    expect(await list()).toEqual([]);
    await press('Enter');
    expect(await options()).toEqual({ prompt: 'a fox', style: 'oil' });
  });

  test('a choice that does not exist offers no other options, and is refused: then all choices are there', async () => {
    await begin('/paint a fox shape:');
    await type('round');
    await page.getByText('No options match what you typed').waitFor();
    await press('Enter');
    await page.getByText('Choose one of the options').waitFor();
    expect(await list()).toEqual(['Wide', 'Tall']);
  });

  test.each(['Enter', 'Tab'])('the only choice that fits is taken by %s', async (key) => {
    await begin('/paint a fox shape:');
    await type('wi');
    await expect.poll(list).toHaveLength(1);
    await press(key);
    expect(sent).toEqual([]);
    await press('Enter');
    expect(await options()).toEqual({ prompt: 'a fox', shape: '3:2' });
  });

  test('a number with a blank behind it is a number', async () => {
    await begin('/paint a fox size:');
    await type(' 12 ');
    await press('Enter');
    expect(await options()).toEqual({ prompt: 'a fox', size: 12 });
  });

  test('a command with optional options alone takes their names and values as they are typed', async () => {
    await begin('/defaults ');
    await type('  ');
    expect(sent).toEqual([]);
    await type('size: 64 shape: tall');
    await press('Enter', 'Enter');
    expect(await options()).toEqual({ size: 64, shape: '2:3' });
  });

  test('a name that no option has is told, and kept', async () => {
    await begin('/defaults ');
    await type('colour');
    await press('Enter');
    await page.getByText('This command has no option “colour”').waitFor();
    expect(sent).toEqual([]);
    expect(await page.locator('easel-command-form .adder').inputValue()).toBe('colour');
  });

  test('Tab behind the last option leads to where others are named', async () => {
    await begin('/paint a fox');
    await press('Tab');
    await type('si');
    await press('Tab');
    await type('32');
    await press('Enter');
    expect(await options()).toEqual({ prompt: 'a fox', size: 32 });
  });

  test('Backspace goes back through the options and leaves', async () => {
    await begin('/defaults size:');
    await press('Backspace', 'Backspace');
    await page.locator('easel-composer .line > textarea').waitFor();
  });

  test('at a file option, Enter sends once there is one, typed names begin options, Escape leaves', async () => {
    const choosers: unknown[] = [];
    page.on('filechooser', (chooser) => choosers.push(chooser));
    await begin('/change ');
    const upload = page.locator('easel-command-form [data-option=image]');
    await type('size: 24');
    await upload.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('x') });
    await upload.focus();
    await press('Enter');
    expect(await options()).toEqual({ image: '0', size: 24 });
    expect(choosers).toEqual([]);
    await page.locator('easel-composer .line > textarea').focus();
    await begin('/change ');
    await press('Tab', 'Tab', 'Escape');
    await page.locator('easel-composer .line > textarea').waitFor();
  });

  test('a pasted text beyond 2,000 characters is kept whole and refused with its length', async () => {
    await page.keyboard.insertText('x'.repeat(2345));
    const box = page.locator('easel-composer .line > textarea');
    expect(await box.inputValue()).toHaveLength(2345);
    await page.getByText('-345', { exact: true }).waitFor();
    await press('Enter');
    await page.getByText('Your message is too long: 2345 of 2000 characters.').waitFor();
    expect(await box.inputValue()).toHaveLength(2345);
  });
});
