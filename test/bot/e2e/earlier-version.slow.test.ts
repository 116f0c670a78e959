import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as commands from '../../../commands/table.js';
import { type Bot, startBot } from '../../../src/bot/bot.js';
import { loadConfig } from '../../../src/config.js';
import { Persistence } from '../../../src/discord/storage/persistence.js';
import type { Channel, Message, User } from '../../../src/discord/things.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { packageRoot } from '../../../src/package-root.js';
import { DrivenDiscord } from '../../discord/drive/driven-discord.js';
import { SIDE } from '../../embedded.js';
import { temporaryFolder } from '../servers.js';

// What version 0.1.0 left in its DATA_DIR, with the Discord that it was in: a grid of two, a variation of its first
// picture, another picture, two jobs that waited when the bot was killed, and the server's rules. The model that painted all of
// it is no longer there: another one is, which has no upscaler of its own. The model that ships is there, too.

const STORE = join(packageRoot, 'test/fixtures/stores/0.1.0');
const GRID = '1576033054139351095';
const WAITING = ['1m8fs3c9hmm2dn5g', '1m8fs3ccat2rmhcm'];

const INSTEAD = 'The model "easel-128" is no longer here, so "newer" painted this.';

const folder = temporaryFolder();
const models = temporaryFolder();
const logged: string[] = [];
let discord: DrivenDiscord;
let persistence: Persistence;
let bot: Bot;
let ada: User;
let general: Channel;

beforeAll(async () => {
  cpSync(STORE, folder.path, { recursive: true });
  symlinkSync(EMBEDDED_MODEL, join(models.path, basename(EMBEDDED_MODEL)), 'junction');
  const newer = join(models.path, 'newer');
  cpSync(EMBEDDED_MODEL, newer, { recursive: true });
  const { upscaler: _, ...card } = JSON.parse(readFileSync(join(newer, 'easel.json'), 'utf8'));
  writeFileSync(join(newer, 'easel.json'), JSON.stringify({ ...card, name: 'newer', upscaleStrength: 0.2 }));
  symlinkSync(join(packageRoot, 'models/upscalers'), join(models.path, 'upscalers'), 'junction');
  discord = await DrivenDiscord.start();
  ({ persistence } = await Persistence.open(discord.world, join(folder.path, 'discord')));
  const { token } = [...discord.world.applications.values()][0]!;
  const there = { DISCORD_TOKEN: token, DISCORD_API_URL: discord.apiUrl, DATA_DIR: folder.path };
  const offered = { MODELS_DIR: models.path, MODEL: 'newer' };
  const log = pino({ level: 'warn' }, { write: (line) => logged.push(line) });
  bot = await startBot(loadConfig({ THREADS: '1', HEALTH_PORT: '0', ...there, ...offered }), log, commands);
  ada = [...discord.world.users.values()].find(({ username }) => username === 'Ada')!;
  general = [...discord.world.channels.values()].find(({ name }) => name === 'general')!;
});
afterAll(async () => {
  await bot?.stop();
  await persistence?.close();
  await discord?.stop();
  folder[Symbol.dispose]();
  models[Symbol.dispose]();
});

/** The message with a job's pictures, once it is there. */
function resultOf(job: string): Promise<Message> {
  return discord.until(
    () =>
      discord.messagesIn(general, ada).find(({ attachments }) => attachments[0]?.filename.startsWith(`${job}.`)) ??
      false,
  );
}

test('jobs that waited are painted by the model that there is now, and delivered', async () => {
  const [bird, cat] = await Promise.all(WAITING.map(resultOf));
  expect(bird!.content).toContain('**a blue bird**');
  expect(cat!.content).toContain('**');
  for (const { content } of [bird!, cat!]) expect(content).toContain(INSTEAD);
  // The server's own rules say how many.
  const { steps } = await bot.app.settings.of(general.guildId);
  expect(steps).toBeGreaterThan(0);
  expect((await bot.app.results.get(WAITING[1]!))!.request).toMatchObject({
    seed: 4,
    steps,
    width: SIDE,
    model: 'newer',
  });
  expect(logged.filter((line) => line.includes('cannot be read'))).toEqual([]);
});

test.each([
  ['U1', 'Picture 1, enlarged', 'with easel-x4 · 1024×1024', false],
  ['V1', 'Variations of picture 1', `${SIDE}×${SIDE}`, true],
  ['🔁', '', `${SIDE}×${SIDE}`, true],
])('%s under an old grid works, and says so if another model paints', async (button, heading, size, another) => {
  const grid = discord.message({ channel_id: general.id, id: GRID });
  const { message } = await discord.as(ada).press(grid, button);
  const result = await discord.until(() => {
    const now = discord.message(message);
    return discord.as(ada).labels(now).includes('🗑️') && now;
  });
  expect(result.content).toContain('a red apple in the snow');
  expect(result.content).toContain(heading);
  expect(result.content).toContain(size);
  expect(result.content.includes(INSTEAD)).toBe(another);
});

test('the rules of the server are those that were set', async () => {
  const { message } = await discord.as(ada).run(general, 'settings show');
  const shown = JSON.stringify(message.embeds);
  expect(shown).toContain('banana');
  const { message: styles } = await discord.as(ada).run(general, 'styles list');
  expect(JSON.stringify([styles.content, styles.embeds])).toContain('snowy');
  const { message: refused } = await discord.as(ada).run(general, 'imagine', { prompt: 'a banana' });
  expect(refused.content).toContain('banana');
});
