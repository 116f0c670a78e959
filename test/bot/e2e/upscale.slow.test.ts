import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel, Message } from '../../../src/discord/things.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { File } from '../../discord/drive/driven-user.js';
import { SIDE } from '../../embedded.js';
import { secondOracle } from '../../oracle.js';
import { Studio } from './harness.js';

// Upscalers with random weights: that they were used is seen, not liked.

let studio: Studio;
let channel: Channel;
let models: string;
let photo: File;
const put = (name: string, as: string) =>
  cpSync(secondOracle(`upscalers/ckpt/${name}-tiny.pth`), join(models, 'upscalers', as));

beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'easel-models-'));
  cpSync(EMBEDDED_MODEL, join(models, DEFAULT_MODEL), { recursive: true });
  mkdirSync(join(models, 'upscalers'));
  put('general-x4v3', 'a-x4.pth');
  put('x2plus', 'b-x2.pth');
  cpSync('test/fixtures/control/picture.png', join(models, 'upscalers/broken.pth'));
  photo = {
    name: 'photo.png',
    bytes: await sharp('test/fixtures/control/picture.png').resize(150, 101).png().toBuffer(),
  };
  studio = await Studio.start({ MODELS_DIR: models, SAFETY_CHECKER: 'off' });
  channel = studio.channel('upscale');
});
afterAll(async () => {
  await studio.stop();
  rmSync(models, { recursive: true });
});

async function pressed(message: Message, label: string): Promise<Message> {
  const outcome = await studio.discord.as(studio.alice).press(message, label);
  return studio.finished(outcome.message);
}

async function upscaled(values: Record<string, string | number | boolean | File>): Promise<Message> {
  const { message } = await studio.discord.as(studio.alice).run(channel, 'upscale', values);
  return studio.finished(message);
}

const optionsNow = () => {
  const { options = [] } = studio.application.commands.get('')!.find(({ name }) => name === 'upscale')! as {
    options?: { name: string; choices?: { value: unknown }[] }[];
  };
  return Object.fromEntries(options.map(({ name, choices }) => [name, choices?.map(({ value }) => value)]));
};

const sizeOf = async (message: Message) => {
  const { width, height } = await sharp(studio.discord.file(message)).metadata();
  return [width, height];
};

const POSTPROCESSED = { 'Postprocess upscale by': '2', 'Postprocess upscaler': 'a-x4' };

test('the command offers what is there; what is broken is in the log', () => {
  expect(optionsNow()).toMatchObject({ by: [2, 4], with: ['a-x4', 'b-x2'], details: undefined });
  expect(studio.log.map(({ msg }) => msg)).toContain('an upscaler cannot be used');
});

describe('U', () => {
  let painted: Message;
  beforeAll(async () => {
    painted = await studio.imagine(studio.alice, channel, { prompt: 'a fox', steps: 3, count: 2, seed: 7 });
  });

  test('enlarges by the first upscaler: message and picture say so, and how it was painted', async () => {
    const large = await pressed(painted, 'U2');
    expect(large.content).toContain(`Picture 2, enlarged · with a-x4 · ${2 * SIDE}×${2 * SIDE}`);
    expect(await studio.made(large)).toMatchObject({ prompt: 'a fox', seed: 8, steps: 3, other: POSTPROCESSED });
    expect(await studio.made(large)).not.toHaveProperty('strength');
    expect(await sizeOf(large)).toEqual([2 * SIDE, 2 * SIDE]);
    const varied = await pressed(large, 'V1');
    expect(varied.content).toContain('Variations of picture 1');
    expect((await pressed(large, '🔁')).content).toContain('with a-x4');
    const modal = await studio.discord.as(studio.alice).press(large, '✏️');
    const { message } = await studio.discord.as(studio.alice).submit(modal, { prompt: 'a red fox' });
    const edited = await studio.finished(message);
    // The model that ships paints no details.
    expect(edited.content).toMatch(new RegExp(`a red fox(.|\\n)*with a-x4 · ${2 * SIDE}×${2 * SIDE}`));
    const counted = await studio.discord.as(studio.alice).press(large, '✏️');
    const refused = await studio.discord.as(studio.alice).submit(counted, { prompt: 'a red fox --count 4' });
    expect(refused.message.content).toContain('--count does not work here');
  });
});

describe('/upscale', () => {
  test('enlarges a picture of any shape, twice or four times, by any that is there', async () => {
    const four = await upscaled({ image: photo, by: 4, with: 'b-x2' });
    expect(four.content).toMatch(/A picture, enlarged[^\n]*\n-# with b-x2 · 600×404/);
    expect(await sizeOf(four)).toEqual([600, 404]);
    const told = { 'Postprocess upscale by': '4', 'Postprocess upscaler': 'b-x2' };
    expect(await studio.made(four)).toMatchObject({ prompt: '', other: told });
    expect(await sizeOf(await upscaled({ image: photo }))).toEqual([300, 202]);
  });

  test('paints details afterwards if it is told to, or given words or a strength', async () => {
    for (const [name, value] of Object.entries({ details: true, prompt: 'a fox', strength: 0.2 })) {
      const large = await upscaled({ image: photo, [name]: value });
      expect(large.content).toContain('with a-x4, then details painted');
      const other = { 'Hires upscale': '2', 'Hires upscaler': 'a-x4' };
      expect(await studio.made(large)).toMatchObject({ strength: expect.any(Number), other });
    }
  });

  test('ends between two tiles when it is cancelled, and the painter takes the next', async () => {
    const { discord, alice } = studio;
    const bytes = await sharp(photo.bytes).resize(1400, 900).png().toBuffer();
    const reported = { step: 0, total: 0 };
    studio.bot.app.jobs.onProgress((_, { step, total }) => Object.assign(reported, { step, total }));
    const message = await studio.inTheMiddle(async () => {
      const { message } = await discord.as(alice).run(channel, 'upscale', { image: { name: 'x.png', bytes }, by: 4 });
      await discord.until(() => /▱ step \d+ of 117/.test(message.content));
      await discord.as(alice).press(message, 'Cancel');
      return message;
    });
    await studio.idle();
    expect(message.content).toContain('Cancelled.');
    expect(reported.step).toBeLessThan(reported.total / 2);
    expect(await sizeOf(await upscaled({ image: photo }))).toEqual([300, 202]);
  });

  test('paints the details of each alternative', async () => {
    const both = await upscaled({ image: photo, prompt: '{a fox|an owl}', strength: 0.2 });
    expect(both.content).toContain('1 a fox · 2 an owl');
    const varied = await pressed(both, 'V2');
    expect(varied.content).toContain('**an owl**');
  });

  test('paints one picture where no details are painted, whatever the alternatives', async () => {
    // The strength of the model that ships is 0.
    const one = await upscaled({ image: photo, prompt: '{a fox|an owl}' });
    expect(one.content).toContain('the prompt had no effect');
    expect(one.content).not.toContain('1 a fox');
  });

  test('refuses too many alternatives without speaking of a count, which it does not have', async () => {
    const prompt = '{a|b|c|d|e|f} {a|b|c|d|e|f}';
    const values = { image: photo, prompt, strength: 0.2 };
    const { message } = await studio.discord.as(studio.alice).run(channel, 'upscale', values);
    expect(message.content).toMatch(/36 pictures.*25/);
    expect(message.content).not.toContain('count');
  });

  test('makes one picture of one', async () => {
    const prompt = 'a fox --count 2';
    const { message } = await studio.discord.as(studio.alice).run(channel, 'upscale', { image: photo, prompt });
    expect(message.content).toContain('--count does not work here');
    const detailed = await upscaled({ image: photo, prompt: 'a fox', strength: 0.2 });
    const form = await studio.discord.as(studio.alice).press(detailed, '✏️');
    const edited = await studio.discord.as(studio.alice).submit(form, { prompt });
    expect(edited.message.content).toContain('--count does not work here');
  });

  test('says what had no effect', async () => {
    const large = await upscaled({ image: photo, prompt: 'a fox', details: false });
    expect(large.content).toContain('Without "details" nothing is painted');
    expect(await studio.made(large)).not.toHaveProperty('strength');
  });
});

test('one that was taken away is refused in words: to whoever asks, and by the painter', async () => {
  const large = await upscaled({ image: photo, with: 'b-x2' });
  rmSync(join(models, 'upscalers/b-x2.pth'));
  const { message } = await studio.discord.as(studio.alice).run(channel, 'upscale', { image: photo, with: 'b-x2' });
  await studio.discord.until(() =>
    /"b-x2" is not on the machine that paints/.test(studio.discord.message(message).content),
  );
  await studio.restart();
  expect(optionsNow()).toMatchObject({ with: ['a-x4'] });
  const outcome = await studio.discord.as(studio.alice).press(large, '🔁');
  expect(outcome.message.content).toMatch(/There is no upscaler "b-x2" here/);
});

test('without any, all is as it was: U paints details', async () => {
  const painted = await studio.imagine(studio.alice, channel, { prompt: 'a fox', steps: 3 });
  rmSync(join(models, 'upscalers'), { recursive: true });
  await studio.restart();
  expect(Object.keys(optionsNow())).toEqual(['image', 'prompt', 'strength']);
  const large = await pressed(painted, 'U1');
  expect(large.content).toContain(`Picture 1, enlarged · ${2 * SIDE}×${2 * SIDE}`);
  expect(await studio.made(large)).toMatchObject({ strength: expect.any(Number), other: {} });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log.filter(({ level }) => level === 'error')).toEqual([]);
});
