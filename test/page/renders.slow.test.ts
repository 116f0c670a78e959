import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servePage } from '../../src/discord/page-api.js';
import type { Message } from '../../src/discord/things.js';
import { DrivenDiscord } from '../discord/drive/driven-discord.js';
import { furnish } from '../discord/furnish.js';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser } from './product.js';

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url));
const MESSAGES = 40;

describe.skipIf(!CHROMIUM)('what happens renders only what shows it (needs Chromium)', () => {
  let browser: Browser;
  let discord: DrivenDiscord;
  let room: ReturnType<typeof furnish>;
  let window: DiscordWindow;
  const messages: Message[] = [];

  beforeAll(async () => {
    discord = await DrivenDiscord.start();
    room = furnish(discord);
    servePage(discord, PAGE, () => ['a cat']);
    const row = [{ type: 1, components: [{ type: 2, style: 2, label: 'Again', custom_id: 'again' }] }];
    for (let i = 0; i < MESSAGES; i++) {
      const input = { content: `**message** ${i} for <@${room.alice.id}>`, components: row };
      messages.push(
        await discord.messages.create(room.general, input, [], { authorId: room.application.botId, fileLimit: 1000 }),
      );
    }
    browser = await launchBrowser();
    window = await DiscordWindow.open(browser, discord.url);
    await window.messages.nth(MESSAGES - 1).waitFor();
    await window.page.evaluate(`
      window.renders = {};
      for (const name of ['message', 'message-list', 'components', 'reactions', 'typing', 'rail', 'channel-list', 'members', 'account', 'composer', 'app', 'greeting']) {
        const { prototype } = customElements.get('easel-' + name);
        const { render } = prototype;
        prototype.render = function () {
          window.renders[name] = (window.renders[name] ?? 0) + 1;
          return render.call(this);
        };
      }
    `);
  });

  afterAll(async () => {
    await browser?.close();
    await discord?.stop();
  });

  /** How often each element rendered until something is seen. */
  async function renders(act: () => unknown, seen: () => Promise<unknown>): Promise<Record<string, number>> {
    await window.page.evaluate('window.renders = {}');
    await act();
    await seen();
    // Two frames, in which whoever else was asked to has rendered.
    await window.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const counted = (await window.page.evaluate('window.renders')) as Record<string, number>;
    console.log(counted);
    return counted;
  }

  test('somebody types', async () => {
    const data = { channel_id: room.general.id, user_id: room.application.botId, timestamp: Date.now() / 1000 };
    const place = { guildId: room.guild.id, channelId: room.general.id };
    const counted = await renders(
      () => discord.world.publish({ name: 'TYPING_START', data, ...place }),
      () => window.page.locator('easel-typing', { hasText: 'typing' }).waitFor(),
    );
    expect(counted).toEqual({ typing: 1 });
  });

  test('somebody reacts to one message', async () => {
    const counted = await renders(
      () => discord.as(room.alice).react(messages[3]!, '🔥'),
      () => window.messages.nth(3).getByText('🔥').waitFor(),
    );
    expect(counted.message).toBe(1);
    expect(counted).not.toHaveProperty('composer');
  });

  test('a message comes', async () => {
    const counted = await renders(
      () => discord.as(room.alice).say(room.general, 'one more'),
      () => window.message('one more').waitFor(),
    );
    expect(counted.message).toBe(1);
    expect(counted).not.toHaveProperty('app');
  });

  test('a button is pressed, and nobody answers', async () => {
    const message = window.messages.nth(MESSAGES - 1);
    const counted = await renders(
      () => message.getByRole('button', { name: 'Again' }).click(),
      () => message.getByRole('alert').waitFor(),
    );
    // Its own, when it fails; its components, when it waits and when it no longer does.
    expect(counted.message).toBe(1);
    expect(counted.components).toBeLessThanOrEqual(3);
  });

  test('another window opens and closes', async () => {
    const ben = discord.createUser('ben');
    discord.join(room.guild, ben);
    const told: string[] = [];
    const stop = discord.world.listen(({ name }) => told.push(name));
    await window.page.reload();
    await window.messages.nth(MESSAGES).waitFor();
    await window.page.evaluate(`
      window.renders = {};
      const { prototype } = customElements.get('easel-message');
      const { render } = prototype;
      prototype.render = function () {
        window.renders.message = (window.renders.message ?? 0) + 1;
        return render.call(this);
      };
    `);
    const counted = await renders(
      async () => {
        const other = await DiscordWindow.open(browser, `${discord.url}/?as=${ben.id}`);
        await other.page.context().close();
        await expect.poll(() => told.filter((name) => name === 'LOCAL_PRESENCE').length).toBeGreaterThan(2);
      },
      () => window.page.waitForTimeout(500),
    );
    stop();
    expect(counted).toEqual({});
  });
});
