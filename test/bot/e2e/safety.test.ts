import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageFlags, PermissionFlagsBits as P } from 'discord.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliverer } from '../../../src/bot/delivery/delivery.js';
import type { Jobs } from '../../../src/bot/queue/jobs.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel, Message } from '../../../src/discord/things.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { packageRoot } from '../../../src/package-root.js';
import type { Outcome } from '../../discord/drive/driven-user.js';
import { aJob } from '../request.js';
import { QUICK, Studio, VEILED } from './harness.js';

// The embedded model with a real safety checker whose thresholds are so low that it flags everything (the oracle's
// small one, thresholds -2).

let studio: Studio;
let models: string;
beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'easel-models-'));
  cpSync(EMBEDDED_MODEL, join(models, DEFAULT_MODEL), { recursive: true });
  cpSync(join(packageRoot, 'test/fixtures/safety-always'), join(models, DEFAULT_MODEL, 'safety_checker'), {
    recursive: true,
  });
  studio = await Studio.start({ MODELS_DIR: models });
});
afterAll(async () => {
  await studio.stop();
  rmSync(models, { recursive: true });
});

describe('a picture that the safety checker flags', () => {
  test('has no preview, not even an empty one, and the answer says why while it is painted', async () => {
    const { discord, alice, general } = studio;
    await studio.inTheMiddle(async () => {
      const { message } = await discord
        .as(alice)
        .run(general, 'imagine', { prompt: 'a red apple', ...QUICK, count: 4, steps: 150 });
      await discord.until(() => /step \d+ of .*\n.*\n-# No preview: /.test(message.content));
      expect(message.components).not.toEqual([]);
      expect(message.attachments).toEqual([]);
      await discord.as(alice).press(message, 'Cancel');
    });
    await studio.idle();
  });

  test('never appears: its author is told why, and can change the words or the seed', async () => {
    const { discord, alice, general } = studio;
    const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a red apple', ...QUICK });
    await discord.until(() => discord.message(message).content.includes('safety checker'));
    await studio.idle();
    expect(discord.message(message).attachments).toEqual([]);
    expect(discord.message(message).content).toMatch(/^\*\*a red apple\*\*\n/);
    expect(discord.as(alice).labels(discord.message(message))).toEqual(['🔁', '✏️', '🗑️']);
    const again = await discord.as(alice).press(discord.message(message), '🔁');
    await discord.until(() => discord.message(again.message).content.includes('safety checker'));
    const form = await discord.as(alice).press(discord.message(message), '✏️');
    expect(form.answer.kind).toBe('modal');
  });

  test('is told to the moderation log, without the picture', async () => {
    const { discord, alice, bob, general } = studio;
    const log = studio.channel('log');
    await discord.as(alice).run(general, 'settings log', { channel: log.id });
    await discord.as(bob).run(general, 'imagine', { prompt: 'a red apple', ...QUICK });
    const line = await discord.until(() =>
      discord.messagesIn(log, alice).find(({ content }) => content.includes('flagged')),
    );
    expect(line.content).toContain(
      `🙈 The safety checker flagged a picture of <@${bob.id}> in <#${general.id}>: **a red apple**`,
    );
    expect(line.attachments).toEqual([]);
    await discord.as(alice).run(general, 'settings log');
    await studio.idle();
  });

  test('appears behind a spoiler where the server wants it so, in age-restricted channels only', async () => {
    const { discord, alice, general } = studio;
    await discord.as(alice).run(general, 'settings nsfw', { policy: 'spoiler' });
    const adults = studio.channel('adults-only', { nsfw: true });
    const shown = await studio.imagine(alice, adults);
    expect(shown.attachments[0]).toMatchObject(VEILED);

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

describe('a flagged picture that was shown does not go where it may not be shown', () => {
  let adults: Channel;
  let shown: Message;
  beforeAll(async () => {
    const { discord, alice, guild, application, general } = studio;
    guild.members.get(application.botId)!.roles = [discord.createRole(guild, 'easel', P.CreateGuildExpressions)];
    await discord.as(alice).run(general, 'settings nsfw', { policy: 'spoiler' });
    adults = studio.channel('adults-at-first', { nsfw: true });
    shown = await studio.imagine(alice, adults);
    expect(shown.attachments).toHaveLength(1);
  });
  beforeEach(() => {
    adults.nsfw = true;
  });

  test('not by ❤️ to anybody', async () => {
    const { discord, bob, application } = studio;
    discord.as(bob).react(shown, '❤️');
    const direct = discord.world.directMessages(bob.id, application.botId);
    const [message] = await discord.until(() => {
      const all = discord.messagesIn(direct, bob);
      return all.length > 0 && all;
    });
    expect(message!.attachments).toEqual([]);
    expect(message!.content).toContain('may not be safe for work');
  });

  test('not as an emoji: by command, by menu, when its record is gone, under "off"', async () => {
    const { discord, alice, bot } = studio;
    const told = async ({ message }: Outcome) => {
      await discord.until(() => !(discord.message(message).flags! & MessageFlags.Loading));
      const seen = discord.messagesIn(adults, alice).filter(({ id }) => BigInt(id) >= BigInt(message.id));
      expect(seen.flatMap(({ attachments }) => attachments)).toEqual([]);
      return seen.map(({ content }) => content).join();
    };
    expect(await told(await discord.as(alice).run(adults, 'emoji', { name: 'found' }))).toContain('safe for work');
    const form = await discord.as(alice).contextMenu(shown, 'Make an emoji');
    expect(await told(await discord.as(alice).submit(form, { name: 'found' }))).toContain('safe for work');
    const open = await discord.as(alice).contextMenu(shown, 'Make an emoji');
    const { job, record } = (await bot.app.results.ofMessage(shown.id))!;
    await bot.app.results.forget({ jobs: new Set([job]), pointers: [`message:${shown.id}`] });
    expect(await told(await discord.as(alice).submit(open, { name: 'found' }))).toContain('picture is gone');
    expect((await discord.as(alice).contextMenu(shown, 'Make an emoji')).message.content).toContain('safe for work');
    await bot.app.results.remember({ ...aJob({ ...record }, record.request), id: job });
    await bot.app.results.posted(job, shown.id, adults.id, record.shown, record.flagged);
    expect([...studio.guild.emojis.values()]).toEqual([]);
  });

  test('not to a channel that lost its mark while it was painted, nor to a thread of one', async () => {
    const { discord, alice, bot } = studio;
    const thread = studio.channel('corner', { parentId: adults.id, thread: true });
    for (const where of [adults, thread]) {
      adults.nsfw = true;
      (bot.app.jobs as Jobs).events.once('painted', () => {
        adults.nsfw = false;
      });
      const { message } = await discord.as(alice).run(where, 'imagine', { prompt: 'a red apple', ...QUICK });
      await discord.until(() => discord.message(message).content.includes('safety checker'));
      expect(discord.message(message).attachments).toEqual([]);
    }
  });

  test.each([
    ['late, to the channel that lost its mark', false],
    ['late, to direct messages', true],
  ])('%s', async (_, ephemeral) => {
    const { discord, alice, bot, guild, application } = studio;
    adults.nsfw = ephemeral;
    const job = aJob({ tokenExpiresAt: 0, channelId: adults.id, guildId: guild.id, userId: alice.id, ephemeral });
    await bot.app.results.remember(job);
    const png = Buffer.from(discord.file(shown));
    const picture = { width: 128, height: 128, seed: 1, flagged: true, png };
    await deliverer(bot.app)(job, { kind: 'painted', pictures: [picture], notices: [] }, job.id);
    const to = ephemeral ? discord.world.directMessages(alice.id, application.botId) : adults;
    const message = discord.messagesIn(to, alice).at(-1)!;
    expect(message.attachments).toEqual([]);
    expect(message.content).toContain('safety checker');
  });

  test('not as the start of another once its channel lost the mark, by button or menu', async () => {
    const { discord, alice } = studio;
    adults.nsfw = false;
    for (const label of ['V1', 'U1']) {
      expect((await discord.as(alice).press(shown, label)).message.content).toContain('not be safe for work');
    }
    const varied = await discord.as(alice).contextMenu(shown, 'Vary this picture');
    expect(varied.message.content).toContain('not be safe for work');
    await studio.idle();
  });
});
