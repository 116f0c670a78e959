import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DiscordWindow } from '../page/discord-window.js';
import { CHROMIUM, freePort, launchBrowser } from '../page/product.js';
import { Scratch } from '../scratch.js';

const STARTED = 'Easel is here';
const PAINTER = 'painter started';

const scratch = new Scratch();
let dev: ChildProcess;
let printed = '';
const count = (text: string) => printed.split(text).length - 1;
const prints = (text: string, times = 1) =>
  vi.waitFor(() => expect(count(text), `${text} in:\n${printed}`).toBeGreaterThanOrEqual(times), {
    timeout: 120_000,
    interval: 100,
  });

beforeAll(async () => {
  const { PATH, HOME, EASEL_CACHE } = process.env;
  const env = {
    ...{ PATH, HOME, EASEL_CACHE, HEALTH_PORT: '0', LOCAL_PORT: `${await freePort()}` },
    DATA_DIR: scratch.at('data'),
  };
  dev = spawn('npm', ['run', 'dev'], { cwd: scratch.root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [dev.stdout!, dev.stderr!]) stream.on('data', (text) => (printed += text));
  await prints('registered');
});

afterAll(() => {
  if (dev.exitCode === null && dev.signalCode === null) process.kill(-dev.pid!, 'SIGKILL');
  scratch[Symbol.dispose]();
});

test('npm run dev starts everything from a fresh checkout: nothing was built', () => {
  expect([count(STARTED), count(PAINTER)]).toEqual([1, 1]);
});

test.skipIf(!CHROMIUM)(
  'a change of the page reloads it in the browser, and leaves the bot alone (needs Chromium)',
  async () => {
    await using browser = await launchBrowser();
    const [url] = /http:\/\/localhost:\d+\//.exec(printed)!;
    const { page } = await DiscordWindow.open(browser, url);
    const reloaded = page.waitForEvent('console', (message) => message.text() === 'edited page');
    appendFileSync(scratch.at('src/discord/page/main.ts'), "\nconsole.log('edited page');\n");
    await reloaded;
    expect([count(STARTED), count(PAINTER)]).toEqual([1, 1]);
  },
);

test('a syntax error is told, and the bot stays as it is', async () => {
  const path = scratch.at('src/bot/bot.ts');
  const good = readFileSync(path, 'utf8');
  writeFileSync(path, `${good}\nconst = 1;\n`);
  await prints('src/bot/bot.ts');
  expect(count(STARTED)).toBe(1);
  writeFileSync(path, `${good}\nconsole.log('edited bot');\n`);
  await prints('registered', 2);
  expect(printed).toContain('edited bot');
});

test('a change of a text starts the bot and its painter again, once', async () => {
  const before = [count(STARTED), count(PAINTER)];
  const path = scratch.at('src/bot/text/locales/de.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"Abbrechen"', '"Halt"'));
  await prints('registered', before[0]! + 1);
  expect([count(STARTED), count(PAINTER)]).toEqual(before.map((times) => times + 1));
});

test('Ctrl+C ends all processes', async () => {
  const pids = [...printed.matchAll(/child: (\d+)/g)].map(([, pid]) => Number(pid));
  // A terminal sends it to all of them.
  process.kill(-dev.pid!, 'SIGINT');
  await once(dev, 'exit');
  const lives = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  expect(pids.filter(lives)).toEqual([]);
  // None is left in the group either.
  expect(lives(-dev.pid!)).toBe(false);
});
