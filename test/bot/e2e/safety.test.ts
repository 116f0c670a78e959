import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/engine/package-root.js';
import { QUICK, Studio } from './harness.js';

// The embedded model with a real safety checker beside it whose thresholds are so low that it finds something everywhere
// (the oracle's small one, thresholds -2).

let studio: Studio;
let models: string;
beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'easel-models-'));
  cpSync(join(packageRoot, 'models/easel-128'), join(models, 'easel-128'), { recursive: true });
  cpSync(join(packageRoot, 'test/fixtures/safety-always'), join(models, 'easel-128/safety_checker'), {
    recursive: true,
  });
  studio = await Studio.start({ MODELS_DIR: models });
});
afterAll(async () => {
  await studio.stop();
  rmSync(models, { recursive: true });
});

describe('a picture that the safety checker finds', () => {
  test('never appears: its author is told why', async () => {
    const { discord, alice, general } = studio;
    const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a red apple', ...QUICK });
    await discord.until(() => discord.message(message).content.includes('safety checker'));
    await studio.idle();
    expect(discord.message(message).attachments).toEqual([]);
  });

  test('appears behind a spoiler where the server wants it so, in age-restricted channels only', async () => {
    const { discord, alice, general } = studio;
    await discord.as(alice).run(general, 'settings nsfw', { policy: 'spoiler' });
    const adults = studio.channel('adults-only', { nsfw: true });
    const shown = await studio.imagine(alice, adults);
    expect(shown.attachments[0]!.filename).toMatch(/^SPOILER_/);

    const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a red apple', ...QUICK });
    await discord.until(() => discord.message(message).content.includes('safety checker'));
    expect(discord.message(message).attachments).toEqual([]);
  });

  test('does not come back by a reaction once the server wants it no more', async () => {
    const { discord, alice, bob, general } = studio;
    const adults = studio.channel('adults-again', { nsfw: true });
    await discord.as(alice).run(general, 'settings nsfw', { policy: 'spoiler' });
    const shown = await studio.imagine(alice, adults);
    await discord.as(alice).run(general, 'settings nsfw', { policy: 'off' });
    discord.as(bob).react(shown, '🔁');
    const [again] = await discord.until(() => {
      const others = discord.messagesIn(adults, bob).filter(({ id }) => id !== shown.id);
      return others.length > 0 && others;
    });
    expect(again!.attachments).toEqual([]);
    expect(again!.content).toContain('safety checker');
  });
});
