import { ComponentType } from 'discord.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Jobs } from '../../../src/bot/queue/jobs.js';
import type { Channel, Guild, Message, User } from '../../../src/discord/things.js';
import type { Outcome } from '../../discord/drive/driven-user.js';
import { QUICK, Studio } from './harness.js';

// Forged custom ids: knowing a job's id gives no access to it from elsewhere.

let studio: Studio;
let mallory: User;
let elsewhere: Channel;
let own: Message;
/** Alice's, for herself alone, and for everybody in her server. */
let hidden: Message;
let open: Message;

beforeAll(async () => {
  studio = await Studio.start();
  const { discord, application, alice, general } = studio;
  mallory = discord.createUser('mallory');
  const guild: Guild = discord.createGuild('lair', mallory);
  discord.install(application, guild);
  elsewhere = discord.createChannel(guild, 'elsewhere');
  own = await studio.imagine(mallory, elsewhere);
  hidden = await studio.imagine(alice, general, { prompt: 'a secret castle', hidden: true });
  open = await studio.imagine(alice, general, { prompt: 'an open castle', count: 2 });
  // Members of both servers, and moderators in one.
  discord.join(studio.guild, mallory);
});
afterAll(() => studio.stop());

function jobOf(message: Message): string {
  return /"v1:R:0:([^"]+)"/.exec(JSON.stringify(message.components))![1]!;
}

const press = (message: Message, letter: string, job: string, index = 0, user = mallory) =>
  studio.discord.as(user).component(message, `v1:${letter}:${index}:${job}`, ComponentType.Button);

/** The answer is a refusal, visible only to whoever pressed, and nothing is painted. @returns its text. */
function refused({ answer, message }: Outcome, user = mallory): string {
  expect(answer.kind).toBe('message');
  expect(message.onlyFor).toBe(user.id);
  expect(studio.bot.app.jobs.list()).toEqual([]);
  expect(message.content).not.toContain('castle');
  return message.content;
}

test.each([
  ['another server', () => [own, mallory] as const],
  ['another message of the same channel', () => [open, studio.bob] as const],
])("a job's buttons mean nothing in %s", async (_, place) => {
  const [message, user] = place();
  for (const [letter, index] of [
    ['E', 0],
    ['R', 0],
    ['U', 1],
    ['V', 1],
  ] as const) {
    expect(refused(await press(message, letter, jobOf(hidden), index, user), user)).toContain('no longer know');
  }
});

test('nor does its menu, nor its form', async () => {
  const id = `v1:V:0:${jobOf(hidden)}`;
  refused(await studio.discord.as(mallory).component(own, id, ComponentType.StringSelect, ['1']));
  const form = await studio.discord.as(mallory).press(own, '✏️');
  if (form.answer.kind !== 'modal') throw new Error('no form');
  const modal = { ...form.answer.modal, custom_id: `v1:M:0:${jobOf(hidden)}` };
  refused(
    await studio.discord
      .as(mallory)
      .submit({ interaction: form.interaction, answer: { kind: 'modal', modal } } as Outcome),
  );
});

test.each(['1.5', '', 'abc', 'Infinity', '26', '-1'])(
  'a menu that says %j picks no picture that is not there, and leaves none behind',
  async (value) => {
    const { alice, bot, discord } = studio;
    const id = `v1:V:0:${jobOf(open)}`;
    const outcome = await discord.as(alice).component(open, id, ComponentType.StringSelect, [value]);
    expect(refused(outcome, alice)).toContain('older version');
    expect(bot.app.pictures.keys().filter((key) => key.includes(value) && value.includes('.'))).toEqual([]);
  },
);

test('a hidden result is for who asked for it, even under its own message', async () => {
  refused(await press(hidden, 'E', jobOf(hidden), 0, studio.bob), studio.bob);
  const form = await studio.discord.as(studio.alice).press(hidden, '✏️');
  expect(form.answer.kind).toBe('modal');
});

test("a member's own job does not let them delete another's message", async () => {
  const mine = await studio.imagine(studio.bob, studio.general);
  expect(refused(await press(open, 'D', jobOf(mine), 0, studio.bob), studio.bob)).toContain('Only');
  expect(studio.discord.message(open).attachments).toHaveLength(1);
});

test('who moderates one server cancels nothing in another', async () => {
  const { discord, alice, general, bot } = studio;
  await studio.inTheMiddle(async () => {
    const { message } = await discord.as(alice).run(general, 'imagine', { ...QUICK, prompt: 'a long one', steps: 150 });
    const job = bot.app.jobs.list()[0]!.id;
    const { message: told } = await press(own, 'C', job);
    expect(told.content).toContain('finished');
    expect(bot.app.jobs.list()).toHaveLength(1);
    await discord.until(() => discord.as(alice).labels(message).includes('Cancel'));
    await discord.as(alice).press(message, 'Cancel');
  });
  await studio.idle();
  expect((bot.app.jobs as Jobs).list()).toEqual([]);
});

test('nothing went wrong meanwhile', () => {
  expect(studio.log).toEqual([]);
});
