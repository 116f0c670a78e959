import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Jobs } from '../../../src/bot/queue/jobs.js';
import type { Job } from '../../../src/bot/request/job.js';
import { SIDE } from '../../embedded.js';
import { Studio } from './harness.js';

// What members see when they cancel, or look at the queue.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterAll(() => studio.stop());

const LONG = { steps: 150, count: 4 };

/** Makes cancelling a running job take as long as a step can. */
function holdCancelling(): () => void {
  const jobs = studio.bot.app.jobs as Jobs;
  const cancel = jobs.cancel;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  jobs.cancel = async (id: string) => {
    await held;
    jobs.cancel = cancel;
    return cancel.call(jobs, id);
  };
  return release;
}

test.each(['button', 'command'])(
  'cancelling by %s is said while the step is not over, and no step comes after',
  async (by) => {
    const { discord, alice, general } = studio;
    const { message, release, told } = await studio.inTheMiddle(async () => {
      const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a castle', ...LONG });
      await discord.until(() => /step \d+ of/.test(message.content));
      const release = holdCancelling();
      const told =
        by === 'button' ? discord.as(alice).press(message, 'Cancel') : discord.as(alice).run(general, 'cancel');
      await discord.until(() => message.content === '**a castle**\nCancelling: this step still has to finish.');
      return { message, release, told };
    });
    expect(discord.as(alice).labels(message)).toEqual([]);
    // The job still reports progress.
    const running = studio.bot.app.jobs as Jobs;
    await new Promise<void>((resolve) => running.events.once('progress', () => resolve()));
    expect(message.content).toContain('Cancelling');
    release();
    await told;
    await discord.until(() => message.content === '**a castle**\nCancelled.');
    await studio.idle();
  },
);

test('several cancelled requests, and their answers, can be told apart', async () => {
  const { discord, alice, general } = studio;
  const ask = (prompt: string) => discord.as(alice).run(general, 'imagine', { prompt, ...LONG });
  const asked = [await ask('a castle'), await ask('a fox')];
  const choices = await discord.as(alice).autocomplete(general, 'cancel', 'job', '');
  for (const { value } of choices) {
    const { message } = await discord.as(alice).run(general, 'cancel', { job: value as string });
    await discord.until(() => /^\*\*a (castle|fox)\*\*\nCancelled\.$/.test(message.content));
  }
  await discord.until(() => asked.every(({ message }) => message.content.endsWith('Cancelled.')));
  expect(asked.map(({ message }) => message.content.split('\n')[0])).toEqual(['**a castle**', '**a fox**']);
  await studio.idle();
});

test('/queue says when it was current, and its button updates it', async () => {
  const { discord, alice, bob, general } = studio;
  const { message: answer } = await discord.as(alice).run(general, 'queue');
  expect(answer.content).toMatch(/Nothing is being painted.*\n-# As of <t:\d+:R>\./);
  const { message } = await discord.as(bob).run(general, 'imagine', { prompt: 'a castle', ...LONG });
  await discord.as(alice).press(answer, 'Refresh');
  await discord.until(() => answer.content.includes('**a castle**'));
  expect(answer.content).toContain('One request in the queue');
  await discord.as(bob).run(general, 'cancel');
  await discord.until(() => message.content.endsWith('Cancelled.'));
  await studio.idle();
  await discord.as(alice).press(answer, 'Refresh');
  await discord.until(() => answer.content.includes('Nothing is being painted'));
});

test('a request without a prompt has a name wherever it is mentioned', async () => {
  const { discord, alice, general } = studio;
  const posted = await discord.as(alice).say(general, '', [{ name: 'in.png', bytes: await plain() }]);
  const { message } = await discord.as(alice).contextMenu(posted, 'Vary this picture');
  await discord.until(() => message.content.startsWith('*Variations of a picture*\n'));
  const job = (studio.bot.app.jobs.list() as Job[])[0];
  if (job) {
    const choices = await discord.as(alice).autocomplete(general, 'cancel', 'job', '');
    expect(choices.map(({ name }) => name)).toEqual(['Variations of a picture']);
  }
  const result = await studio.finished(message);
  expect(result.content).toBe(`*Variations of a picture* for <@${alice.id}>\n-# ${SIDE}×${SIDE}`);
  expect(result.attachments[0]!.description).toBe('Variations of a picture');
});

test('a failed request can be edited in place', async () => {
  const { discord, alice, general } = studio;
  const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a fox <lora:nobody>' });
  await discord.until(() => message.content.includes('could not be painted'));
  expect(message.content).toMatch(/^\*\*a fox \\<lora\\?:nobody>\*\*\n/);
  expect(discord.as(alice).labels(message)).toEqual(['🔁', '✏️', '🗑️']);
  const form = await discord.as(alice).press(message, '✏️');
  const outcome = await discord.as(alice).submit(form, { prompt: 'a fox', steps: '2' });
  expect((await studio.finished(outcome.message)).content).toContain('**a fox**');
});

async function plain(): Promise<Buffer> {
  return sharp({ create: { width: 128, height: 128, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
}
