import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { Studio } from './harness.js';

// Failures between the bot, Discord and the painter: nothing is lost and nothing is delivered twice.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterAll(() => studio.stop());

/** A job of a second or two, once its painting has begun. */
async function painting(channel: Channel, values: Record<string, number | boolean> = {}): Promise<Message> {
  const asked = { prompt: 'a castle', steps: 30, count: 1, ...values };
  const { message } = await studio.discord.as(studio.alice).run(channel, 'imagine', asked);
  await begun(1);
  return message;
}

/** Steps of the painter from now on. */
function begun(steps: number): Promise<void> {
  return new Promise((resolve) => {
    let told = 0;
    studio.bot.app.jobs.onProgress(() => {
      if (++told >= steps) resolve();
    });
  });
}

const loggedSince = (count: number) => studio.log.slice(count).map(({ msg }) => msg);

describe('the connection', () => {
  test('that drops in the middle of a job is resumed, and what was pressed meanwhile is answered', async () => {
    const channel = studio.channel('drop');
    const message = await painting(channel);
    studio.discord.gateway.drop();
    const { message: second } = await studio.discord
      .as(studio.bob)
      .run(channel, 'imagine', { prompt: 'a fox', steps: 2, count: 1 });
    await studio.finished(message);
    await studio.finished(second);
    expect(studio.results(channel)).toHaveLength(2);
  });

  test('that Discord no longer knows is replaced by a new one', async () => {
    const channel = studio.channel('invalid');
    const message = await painting(channel);
    studio.discord.gateway.invalidate();
    await studio.finished(message);
    await studio.discord.until(() => studio.discord.gateway.sessions.some(({ socket }) => socket));
    await studio.imagine(studio.alice, channel);
    expect(studio.results(channel)).toHaveLength(2);
  });

  test('that sends everything twice paints nothing twice', async () => {
    const channel = studio.channel('twice');
    const { gateway } = studio.discord;
    gateway.faults.twice = true;
    const one = await studio.imagine(studio.alice, channel);
    studio.discord.as(studio.bob).react(one, '🔁');
    await studio.discord.until(() => studio.results(channel).length >= 2);
    gateway.faults.twice = false;
    await studio.idle();
    expect(studio.results(channel)).toHaveLength(2);
  });
});

describe('the API', () => {
  test.each([429, 500, 502])('answers %i to the first edits: the result comes, once', async (status) => {
    const channel = studio.channel(`status-${status}`);
    studio.discord.faults.add({ match: /^PATCH .*\/webhooks/, status, times: 6 });
    studio.discord.faults.add({ match: /^POST .*\/callback/, status, times: 1 });
    const { message } = await studio.discord
      .as(studio.alice)
      .run(channel, 'imagine', { prompt: 'a fox', steps: 2, count: 1 });
    await studio.finished(message, 40_000);
    await studio.idle();
    expect(studio.discord.messagesIn(channel, studio.alice)).toHaveLength(1);
  });

  test('is slow with the first answer: the result still goes into it', async () => {
    const channel = studio.channel('slow');
    studio.discord.faults.add({ match: /^POST .*\/callback/, status: 0, delay: 2000, times: 1 });
    const { message } = await studio.discord
      .as(studio.alice)
      .run(channel, 'imagine', { prompt: 'a fox', steps: 1, count: 1 });
    await studio.finished(message);
    await studio.idle();
    expect(studio.discord.messagesIn(channel, studio.alice)).toHaveLength(1);
  });
});

describe('the answer', () => {
  test('whose token expired is a reply that mentions its author only', async () => {
    const channel = studio.channel('expired');
    const message = await painting(channel);
    studio.discord.interactions.expireTokens();
    const late = await studio.discord.until(() => studio.results(channel)[0]);
    expect(late.id).not.toBe(message.id);
    expect(late.message_reference?.message_id).toBe(message.id);
    expect(late.mentions.map(({ id }) => id)).toEqual([studio.alice.id]);
    await studio.idle();
    expect(studio.results(channel)).toHaveLength(1);
    const { message: again } = await studio.discord.as(studio.bob).press(late, '🔁');
    await studio.finished(again);
  });

  test('where nobody may read the history is a message all the same', async () => {
    const deny = { id: studio.application.botId, type: 1, allow: 0n, deny: 1n << 16n } as const;
    const channel = studio.channel('no-history', { overwrites: [deny] });
    await painting(channel);
    studio.discord.interactions.expireTokens();
    await studio.discord.until(() => studio.results(channel)[0], 8000);
    await studio.idle();
  });

  test('that was hidden comes as a direct message when its token expired', async () => {
    const channel = studio.channel('hidden-late');
    await painting(channel, { hidden: true });
    studio.discord.interactions.expireTokens();
    const direct = studio.discord.world.directMessages(studio.alice.id, studio.application.botId);
    await studio.discord.until(() => studio.results(direct)[0]);
    await studio.idle();
    expect(studio.results(channel)).toEqual([]);
  });

  test('that was deleted: the result comes into the channel', async () => {
    const channel = studio.channel('deleted');
    const message = await painting(channel);
    studio.discord.as(studio.alice).delete(message);
    await studio.discord.until(() => studio.results(channel)[0]);
    await studio.idle();
    expect(studio.results(channel)).toHaveLength(1);
  });

  test('that was deleted with the grid, while its picture waits to be enlarged: the result comes into the channel', async () => {
    const channel = studio.channel('both-deleted');
    const before = studio.log.length;
    const grid = await studio.imagine(studio.alice, channel);
    await painting(channel);
    await studio.inTheMiddle(async () => {
      const { message } = await studio.discord.as(studio.alice).press(grid, 'U1');
      for (const deleted of [grid, message]) studio.discord.as(studio.bob).delete(deleted);
    });
    const enlarged = () => studio.results(channel).find(({ content }) => content.includes('Picture 1, enlarged'));
    const late = await studio.discord.until(() => enlarged() ?? false, 30_000);
    expect(late.mentions.map(({ id }) => id)).toEqual([studio.alice.id]);
    await studio.idle();
    expect(studio.results(channel)).toHaveLength(2);
    expect(readdirSync(`${studio.dataDir}/outcomes`)).toEqual([]);
    expect(loggedSince(before)).toEqual([]);
  });

  test('in a channel that was deleted, or closed to the bot, comes as a direct message', async () => {
    const direct = studio.discord.world.directMessages(studio.alice.id, studio.application.botId);
    const before = studio.results(direct).length;
    const gone = studio.channel('gone');
    await painting(gone);
    studio.discord.deleteChannel(gone);
    await studio.discord.until(() => studio.results(direct).length === before + 1);
    const closed = studio.channel('closed');
    await painting(closed);
    studio.discord.interactions.expireTokens();
    closed.overwrites.push({ id: studio.application.botId, type: 1, allow: 0n, deny: (1n << 10n) | (1n << 11n) });
    await studio.discord.until(() => studio.results(direct).length === before + 2);
    await studio.idle();
  });
});

describe('the painter', () => {
  const kill = () => process.kill(studio.painters[0]!.pid!, 'SIGKILL');

  test('killed in the middle of a job: it is painted again, and delivered once', async () => {
    const channel = studio.channel('killed');
    const message = await painting(channel);
    kill();
    await studio.finished(message);
    await studio.idle();
    expect(studio.discord.messagesIn(channel, studio.alice)).toHaveLength(1);
  });

  test('killed twice by one job: its author hears of it, and the next job is painted', async () => {
    const channel = studio.channel('killed-twice');
    const before = studio.log.length;
    const message = await painting(channel);
    kill();
    await begun(2);
    kill();
    await studio.discord.until(() => message.content.includes('not your fault'));
    const number = /`([0-9a-z]{16})`/.exec(message.content)![1];
    expect(loggedSince(before)).toContain('a job failed');
    expect(JSON.stringify(studio.log)).toContain(number);
    expect(studio.discord.as(studio.alice).labels(message)).toEqual(['🔁', '✏️', '🗑️']);
    await studio.imagine(studio.alice, channel);
  });
});

test('the token is in no log', () => {
  expect(JSON.stringify(studio.log)).not.toContain(studio.application.token);
  expect(readFileSync(`${studio.dataDir}/easel.sqlite`).includes(studio.application.token)).toBe(false);
});
