import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Jobs } from '../../../src/bot/queue/jobs.js';
import type { Channel, Message } from '../../../src/discord/things.js';
import { QUICK, Studio } from './harness.js';

// Accepted is accepted: whatever fails in or after the acknowledgement, only Discord's own "no" and the user end a job.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterEach(() => studio.discord.faults.clear());
afterAll(() => studio.stop());

vi.setConfig({ testTimeout: 180_000 });
/** Milliseconds: a busy machine takes its time. */
const PATIENCE = 60_000;
const CALLBACK = /^POST .*\/callback/;
const ask = { prompt: 'a fox', ...QUICK };

/** Runs /imagine for whoever does not wait for the first answer. */
const asking = (channel: Channel) =>
  void studio.discord
    .as(studio.alice)
    .run(channel, 'imagine', ask)
    .catch(() => {});

const quota = async () => {
  const [hour] = await studio.bot.app.limits.of(studio.alice.id, []);
  return hour?.pictures ?? 0;
};

/** The only message of a channel, when it is a result. */
async function theOne(channel: Channel): Promise<Message> {
  const one = await studio.discord.until(() => studio.results(channel)[0], PATIENCE);
  await studio.idle(PATIENCE);
  expect(studio.discord.messagesIn(channel, studio.alice)).toHaveLength(1);
  return one;
}

describe('the answer to the acknowledgement is lost after Discord carried it out', () => {
  test.each([
    ['the connection closes', { closed: true, times: 1 }],
    ['the connection closes, time after time', { closed: true, times: 3 }],
    ['a bad gateway, then 40060', { status: 502, times: 1 }],
    ['bad gateways for longer than Discord waits', { status: 502, times: 1000 }],
  ])('%s: the picture comes, once, where it was promised', async (what, fault) => {
    const channel = studio.channel(what.replace(/\W+/g, '-').toLowerCase());
    const end = studio.discord.faults.add({ match: CALLBACK, carriedOut: true, ...fault });
    asking(channel);
    const result = await theOne(channel);
    end();
    expect(result.interaction_metadata).toBeTruthy();
    const { message } = await studio.discord.as(studio.alice).press(result, '🔁');
    await studio.finished(message, PATIENCE);
  });
});

describe('the acknowledgement does not arrive', () => {
  test.each([
    ['closed sockets', { closed: true, times: 3 }],
    ['bad gateways', { status: 502, times: 6 }],
  ])('%s: it is sent again within the three seconds', async (what, fault) => {
    const channel = studio.channel(what.replace(/\W+/g, '-'));
    studio.discord.faults.add({ match: CALLBACK, ...fault });
    const { message } = await studio.discord.as(studio.alice).run(channel, 'imagine', ask);
    await studio.finished(message, PATIENCE);
    await theOne(channel);
  });

  test('for longer than Discord waits: nobody knows whether it did, and the picture comes as a message', async () => {
    const channel = studio.channel('never');
    const end = studio.discord.faults.add({ match: CALLBACK, closed: true });
    asking(channel);
    const late = await theOne(channel);
    end();
    expect(late.content).toContain(`<@${studio.alice.id}>`);
    const { message } = await studio.discord.as(studio.alice).press(late, '🔁');
    await studio.finished(message, PATIENCE);
  });

  test('and Discord says no when the picture is painted already: it comes, with all that belongs to it', async () => {
    const channel = studio.channel('painted-before');
    const [taken, kept] = [await quota(), await studio.records()];
    const { jobs } = studio.bot.app;
    const painted = once((jobs as Jobs).events, 'painted');
    const delay = () => Promise.all([sleep(3300), painted]);
    studio.discord.faults.add({ match: CALLBACK, delay, times: 1 });
    asking(channel);
    const late = await theOne(channel);
    expect(await quota()).toBe(taken + 1);
    expect(await studio.records()).toBe(kept + 1);
    const { discord, alice } = studio;
    const { message } = await discord.as(alice).press(late, 'V1');
    await studio.finished(message, PATIENCE);
    await discord.as(alice).press(late, '🗑️');
    await discord.until(() => !discord.messagesIn(channel, alice).some(({ id }) => id === late.id), PATIENCE);
    await studio.idle(PATIENCE);
    // Of the variation.
    await expect.poll(() => studio.records(), { timeout: PATIENCE }).toBe(kept + 1);
  });

  test('and Discord says no before it is painted: nothing is painted, kept or counted', async () => {
    const channel = studio.channel('no');
    const [taken, kept] = [await quota(), await studio.records()];
    studio.discord.faults.add({ match: CALLBACK, delay: 3300, times: 1 });
    const long = { ...ask, steps: 150, count: 4 };
    const cancel = vi.spyOn(studio.bot.app.jobs, 'cancel');
    await studio.inTheMiddle(async () => {
      studio.discord
        .as(studio.alice)
        .run(channel, 'imagine', long)
        .catch(() => {});
      await expect.poll(() => cancel.mock.calls.length, { timeout: PATIENCE }).toBe(1);
    });
    cancel.mockRestore();
    await studio.idle(PATIENCE);
    await expect.poll(quota).toBe(taken);
    expect(await studio.records()).toBe(kept);
    expect(studio.discord.messagesIn(channel, studio.alice)).toEqual([]);
  });
});

test('the store fails right after the acknowledgement: the picture comes all the same', async () => {
  const channel = studio.channel('store');
  const posted = vi.spyOn(studio.bot.app.results, 'posted').mockRejectedValueOnce(new Error('SQLITE_FULL'));
  const { message } = await studio.discord.as(studio.alice).run(channel, 'imagine', ask);
  await studio.finished(message, PATIENCE);
  const result = await theOne(channel);
  expect(posted).toHaveBeenCalled();
  posted.mockRestore();
  const { message: again } = await studio.discord.as(studio.alice).press(result, '🔁');
  await studio.finished(again, PATIENCE);
});

test('the store fails when the picture was sent: it is not sent again, and its buttons work', async () => {
  const channel = studio.channel('store-late');
  const { results } = studio.bot.app;
  const real = results.posted.bind(results);
  let failures = 0;
  const posted = vi.spyOn(results, 'posted').mockImplementation((job, message, place, shown, flagged) => {
    if (shown && failures++ < 2) return Promise.reject(new Error('SQLITE_FULL'));
    return real(job, message, place, shown, flagged);
  });
  const { discord, alice } = studio;
  const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 30 });
  discord.interactions.expireTokens();
  const late = await discord.until(() => studio.results(channel)[0], PATIENCE);
  // Discord forgets a nonce after some minutes, and a store may be away for longer.
  delete late.nonce;
  await studio.idle(PATIENCE);
  posted.mockRestore();
  expect(failures).toBeGreaterThanOrEqual(2);
  expect(studio.results(channel)).toHaveLength(1);
  expect(discord.messagesIn(channel, alice).map(({ id }) => id)).toEqual([message.id, late.id]);
  const { message: again } = await discord.as(alice).press(late, '🔁');
  await studio.finished(again, PATIENCE);
});

describe('the first answer of what comes late', () => {
  test('says where the result is, and has nothing to cancel', async () => {
    const channel = studio.channel('first-answer');
    const { discord, alice } = studio;
    const message = await studio.inTheMiddle(async () => {
      const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 30 });
      await discord.until(() => discord.as(alice).labels(message).includes('Cancel'), PATIENCE);
      discord.interactions.expireTokens();
      return message;
    });
    const late = await discord.until(() => studio.results(channel)[0], PATIENCE);
    await studio.idle(PATIENCE);
    expect(message.content).toContain(late.id);
    expect(message.attachments).toEqual([]);
    expect(discord.as(alice).labels(message)).toEqual([]);
  });

  test('has nothing to cancel, though nothing that Discord said of it came through', async () => {
    const channel = studio.channel('first-answer-unknown');
    const { discord, alice } = studio;
    const first = await studio.inTheMiddle(async () => {
      for (const match of [CALLBACK, /^PATCH \/webhooks/])
        discord.faults.add({ match, closed: true, carriedOut: true });
      void discord
        .as(alice)
        .run(channel, 'imagine', { ...ask, steps: 30 })
        .catch(() => {});
      const shown = () =>
        discord.messagesIn(channel, alice).find((one) => discord.as(alice).labels(one).includes('Cancel'));
      const message = await discord.until(shown, PATIENCE);
      discord.interactions.expireTokens();
      discord.faults.clear();
      return message;
    });
    const late = await discord.until(() => studio.results(channel)[0], PATIENCE);
    await studio.idle(PATIENCE);
    expect(first.content).toContain(late.id);
    expect(discord.as(alice).labels(first)).toEqual([]);
  });

  test('of what was cancelled then says so', async () => {
    const channel = studio.channel('first-answer-cancelled');
    const { discord, alice } = studio;
    const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 150, count: 4 });
    await discord.until(() => discord.as(alice).labels(message).includes('Cancel'), PATIENCE);
    discord.interactions.expireTokens();
    await discord.as(alice).press(message, 'Cancel');
    await studio.idle(PATIENCE);
    expect(message.content).toMatch(/\nCancelled\.$/);
    expect(discord.as(alice).labels(message)).toEqual([]);
  });

  test.each([
    ['hidden', true, []],
    ['seen by all', false, ['Cancel']],
  ])('that is %s says in its last minute what will come', async (name, hidden, labels) => {
    const channel = studio.channel(`last-minute-${name.replaceAll(' ', '-')}`);
    const { bot, discord, alice } = studio;
    const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 150, count: 4, hidden });
    await discord.until(() => discord.as(alice).labels(message).includes('Cancel'), PATIENCE);
    const [job] = bot.app.jobs.ofUser(alice.id);
    await bot.app.board.leave(job!.id);
    bot.app.board.follow({ ...job!, origin: { ...job!.origin, tokenExpiresAt: Date.now() + 200 } });
    await discord.until(() => message.content.includes('will come as a new message'), PATIENCE);
    expect(discord.as(alice).labels(message)).toEqual(labels);
    expect(message.attachments).toEqual([]);
    await bot.app.jobs.cancel(job!.id);
    await studio.idle(PATIENCE);
  });
});

test('between two members, where the bot can only answer, the last answer has no button that would stay for ever', async () => {
  const { bot, discord, alice, bob, application } = studio;
  application.users.add(alice.id);
  const channel = discord.world.directMessages(alice.id, bob.id);
  const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 150, count: 4 });
  await discord.until(() => discord.as(alice).labels(message).includes('Cancel'), PATIENCE);
  const [job] = bot.app.jobs.ofUser(alice.id);
  await bot.app.board.leave(job!.id);
  bot.app.board.follow({ ...job!, origin: { ...job!.origin, tokenExpiresAt: Date.now() + 200 } });
  await discord.until(() => message.content.includes('will come as a new message'), PATIENCE);
  expect(discord.as(alice).labels(message)).toEqual([]);
  discord.interactions.expireTokens();
  const direct = discord.world.directMessages(alice.id, application.botId);
  const before = studio.results(direct).length;
  await discord.until(() => studio.results(direct).length > before, PATIENCE);
  application.users.delete(alice.id);
});

test('a cancel whose acknowledgement is lost cancels', async () => {
  const channel = studio.channel('cancel');
  const { discord, alice } = studio;
  const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 150, count: 4 });
  await discord.until(() => discord.as(alice).labels(message).length > 0, PATIENCE);
  discord.faults.add({ match: CALLBACK, closed: true, carriedOut: true, times: 1 });
  await discord.as(alice).press(message, 'Cancel');
  await discord.until(() => message.content.endsWith('\nCancelled.'), PATIENCE);
  await studio.idle(PATIENCE);
});

describe('a place that always refuses it', () => {
  const final = (code: number) => ({ status: 400, body: JSON.stringify({ message: 'No.', code }) });

  test('a locked thread: the result comes as a direct message, at once', async () => {
    const channel = studio.channel('locked');
    const { discord, alice, application } = studio;
    const direct = discord.world.directMessages(alice.id, application.botId);
    const match = new RegExp(`^POST /channels/${channel.id}/messages`);
    const lines = studio.log.length;
    discord.faults.add({ match, ...final(160_005) });
    await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 30 });
    discord.interactions.expireTokens();
    await discord.until(() => studio.results(direct)[0], PATIENCE);
    await studio.idle(PATIENCE);
    expect(studio.log.slice(lines).filter(({ msg }) => msg.includes('trying again'))).toEqual([]);
  });

  test('direct messages that refuse the picture: it ends there, and the log says so', async () => {
    const channel = studio.channel('refused');
    const { discord, alice } = studio;
    discord.faults.add({ match: /^POST \/channels\/\d+\/messages/, ...final(20_009) });
    const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 30 });
    const [job] = studio.bot.app.jobs.ofUser(alice.id);
    discord.interactions.expireTokens();
    await studio.idle(PATIENCE);
    expect(studio.log.at(-1)?.msg).toContain('a result could not be announced');
    // Not that it was sent.
    expect(message.content).toMatch(new RegExp(`not your fault.*${job!.id}`));
  });

  test('an archived thread: progress is tried once, and the result comes as a message', async () => {
    const channel = studio.channel('archived');
    const { discord, alice } = studio;
    const lines = studio.log.length;
    discord.faults.add({ match: /^PATCH .*\/messages\/(@|%40)original/, ...final(50_083) });
    // For longer than the time between two edits.
    const { message } = await discord.as(alice).run(channel, 'imagine', { ...ask, steps: 150, count: 4 });
    const late = await discord.until(() => studio.results(channel)[0], PATIENCE);
    await studio.idle(PATIENCE);
    expect(message.content).toContain(late.id);
    expect(message.content).not.toContain('15 minutes');
    expect(studio.log.slice(lines).map(({ msg }) => msg)).toEqual(['progress could not be shown']);
  });
});

test('🗑️ pressed twice quickly removes, and says nothing else', async () => {
  const channel = studio.channel('twice');
  const { discord, alice } = studio;
  const result = await studio.imagine(alice, channel);
  const lines = studio.log.length;
  await Promise.all([discord.as(alice).press(result, '🗑️'), discord.as(alice).press(result, '🗑️')]);
  await discord.until(() => discord.messagesIn(channel, alice).length === 0, PATIENCE);
  // Whatever the second press had to say comes before the answer to another.
  await studio.imagine(alice, channel);
  expect(discord.messagesIn(channel, alice)).toHaveLength(1);
  expect(studio.log.slice(lines)).toEqual([]);
});

test('🗑️ that Discord does not carry out leaves the message its buttons', async () => {
  const channel = studio.channel('stays');
  const { discord, alice } = studio;
  const result = await studio.imagine(alice, channel);
  await studio.idle(PATIENCE);
  const before = await studio.bot.app.results.behind(result.id);
  const lines = studio.log.length;
  const end = discord.faults.add({ match: /^DELETE \/webhooks/, status: 400, body: '{"message":"No.","code":0}' });
  await discord.as(alice).press(result, '🗑️');
  await expect.poll(() => studio.log.length, { timeout: PATIENCE }).toBeGreaterThan(lines);
  end();
  expect(before).not.toBeNull();
  expect(await studio.bot.app.results.behind(result.id)).toEqual(before);
  await discord.as(alice).press(result, '🗑️');
  await expect.poll(() => studio.bot.app.results.behind(result.id), { timeout: PATIENCE }).toBeNull();
  expect(discord.messagesIn(channel, alice).map(({ id }) => id)).not.toContain(result.id);
});
