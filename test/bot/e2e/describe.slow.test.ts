import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Message, User } from '../../../src/discord/things.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { File } from '../../discord/drive/driven-user.js';
import { writeSmallClip } from '../../engine/interrogate/small-clip.js';
import { Studio } from './harness.js';

// A CLIP with random weights: which words it finds means nothing, but they are words of the list, and can be painted.

let studio: Studio;
let models: string;
let apple: Message;
let picture: File;
beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'easel-models-'));
  cpSync(EMBEDDED_MODEL, join(models, DEFAULT_MODEL), { recursive: true });
  await writeSmallClip(join(models, 'clip/small'), { words: true });
  studio = await Studio.start({ MODELS_DIR: models, EASEL_CACHE: join(models, 'cache') });
  apple = await studio.imagine(studio.alice, studio.general);
  picture = { name: 'apple.png', bytes: studio.discord.file(apple) };
});
afterAll(async () => {
  await studio.stop();
  rmSync(models, { recursive: true });
});

/** The answer once it is there. */
function answered(message: Message, until: RegExp): Promise<Message> {
  return studio.discord.until(() => {
    const now = studio.discord.message(message);
    return until.test(now.content) && now;
  });
}

const describe = async (user: User, image: File) =>
  (await studio.discord.as(user).run(studio.general, 'describe', { image })).message;

test('words for a picture come to the member alone, from the command and from the Apps menu, and are painted', async () => {
  const alice = studio.discord.as(studio.alice);
  const answer = await answered(await describe(studio.alice, picture), /1\. /);
  expect(answer.onlyFor).toBe(studio.alice.id);
  const lines = answer.content.split('\n');
  expect(lines[0]).toBe('Prompts that would paint something like it:');
  expect(lines).toHaveLength(4);
  expect(alice.labels(answer)).toEqual(['Paint 1', 'Paint 2', 'Paint 3']);

  const own = { count: 1, negative: 'blurry', aspect: 'landscape', style: 'gone' } as const;
  await studio.bot.app.preferences.change(studio.alice.id, own);
  const { message } = await alice.press(answer, 'Paint 2');
  const painted = await studio.finished(message);
  const prompt = lines[2]!.replace('2. ', '');
  expect(painted.content).toContain(`**${prompt}**`);
  const made = await studio.made(painted);
  expect(made).toMatchObject({ prompt, negative: 'blurry' });
  expect(made.width!).toBeGreaterThan(made.height!);
  expect(painted.content).toContain('Your preferred style "gone" is not one of this server');
  expect(painted.content).not.toContain('does not know');

  const fromMenu = await alice.contextMenu(apple, 'Describe this picture');
  const again = await answered(fromMenu.message, /1\. /);
  expect(again.content).toBe(answer.content);
});

test('without a CLIP, and for what is no picture, it says so in the reader’s language', async () => {
  const text = { name: 'a.png', bytes: Buffer.from('no picture') };
  await answered(await describe(studio.bob, text), /That is not a picture I can read/);
  renameSync(join(models, 'clip'), join(models, 'away'));
  const reader = studio.discord.createUser('reader', { locale: 'de' });
  studio.discord.join(studio.guild, reader);
  const refusal = await describe(reader, picture);
  expect(refusal).toMatchObject({ onlyFor: reader.id, content: expect.stringContaining('Mir fehlt ein CLIP') });
  renameSync(join(models, 'away'), join(models, 'clip'));
  await answered(await describe(reader, picture), /1\. /);
});
