import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRandomControlNet } from '../../../bench/random-controlnet.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel, Message } from '../../../src/discord/things.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import type { File } from '../../discord/drive/driven-user.js';
import { SIDE } from '../../embedded.js';
import { oracle } from '../../oracle.js';
import { difference, Studio } from './harness.js';

// ControlNets of the embedded model's shape, with random weights: what they make of a picture is seen, not liked.

let studio: Studio;
let channel: Channel;
let models: string;
let photo: File;
beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'easel-models-'));
  cpSync(EMBEDDED_MODEL, join(models, DEFAULT_MODEL), { recursive: true });
  cpSync(oracle('ckpt/nano/nano-ema-only.safetensors'), join(models, 'nano.safetensors'));
  const { unet } = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
  mkdirSync(join(models, 'controlnet'));
  for (const name of ['control_test_canny', 'control_test_depth']) {
    writeRandomControlNet(join(models, 'controlnet', name), unet);
  }
  photo = {
    name: 'photo.png',
    bytes: await sharp('test/fixtures/control/picture.png').resize(128, 128).png().toBuffer(),
  };
  studio = await Studio.start({ MODELS_DIR: models, SAFETY_CHECKER: 'off' });
  channel = studio.channel('control');
});
afterAll(async () => {
  await studio.stop();
  rmSync(models, { recursive: true });
});

const imagine = (values: Record<string, string | number | boolean | File>) =>
  studio.imagine(studio.alice, channel, { steps: 4, ...values });

async function pressed(message: Message, label: string): Promise<Message> {
  const outcome = await studio.discord.as(studio.alice).press(message, label);
  return studio.finished(outcome.message);
}

/** Runs a command that is refused. */
async function refused(name: string, values: Record<string, string | number | File>): Promise<string> {
  const { message } = await studio.discord.as(studio.alice).run(channel, name, values);
  expect(message.onlyFor).toBe(studio.alice.id);
  return message.content;
}

const choicesOf = (command: string) => {
  const { options = [] } = studio.application.commands.get('')!.find(({ name }) => name === command)! as {
    options?: { name: string; choices?: { value: string }[] }[];
  };
  return options.find(({ name }) => name === 'control')?.choices?.map(({ value }) => value);
};

test('commands offer what there is a ControlNet for: maps only where a map can be given', () => {
  expect(choicesOf('imagine')).toEqual(['canny', 'depth']);
  expect([choicesOf('vary'), choicesOf('inpaint')]).toEqual([['canny'], ['canny']]);
  expect(choicesOf('upscale')).toBeUndefined();
});

describe('/imagine control', () => {
  test('follows the picture: message and metadata say so, and the weight counts', async () => {
    const plain = studio.discord.file(await imagine({}));
    const result = await imagine({ control: 'canny', image: photo });
    expect(result.content).toContain(`Control: Edges (canny) · ${SIDE}×${SIDE}`);
    const model = expect.stringMatching(/^control_test_canny \[[0-9a-f]{8}\]$/);
    const made = await studio.made(result);
    expect(made.controls).toMatchObject([{ module: 'canny', model, weight: 1, thresholds: [100, 200] }]);
    expect(made.strength).toBeUndefined();
    const steered = studio.discord.file(result);
    expect(await difference(plain, steered)).toBeGreaterThan(0.5);
    const none = await imagine({ control: 'canny', image: photo, weight: 0 });
    expect(await difference(plain, studio.discord.file(none))).toBe(0);
  });

  test('takes a map as it is', async () => {
    const result = await imagine({ control: 'depth', image: photo, weight: 0.5 });
    expect((await studio.made(result)).controls).toMatchObject([{ module: 'none', weight: 0.5 }]);
  });

  test('with a strength starts from the picture, too', async () => {
    const made = await studio.made(await imagine({ control: 'canny', image: photo, strength: 0.9 }));
    expect(made).toMatchObject({ strength: 0.9, controls: [{ module: 'canny' }] });
  });

  test('paints each alternative in the prompt so', async () => {
    const result = await imagine({ prompt: 'a {red|blue} apple', control: 'canny', image: photo });
    expect(result.content).toContain('Control: Edges');
  });

  test('is kept by 🔁, by variations and by ✏️, and left out by enlarging', async () => {
    const first = await imagine({ control: 'canny', image: photo, weight: 0.8 });
    const [again, varied, enlarged] = [
      await pressed(first, '🔁'),
      await pressed(first, 'V1'),
      await pressed(first, 'U1'),
    ];
    for (const one of [again, varied]) {
      expect((await studio.made(one)).controls).toMatchObject([{ module: 'canny', weight: 0.8 }]);
    }
    expect(await studio.made(enlarged)).not.toHaveProperty('controls');
  });

  test('is refused without a picture, for a model that it does not fit, and with what is no picture', async () => {
    const asked = { prompt: 'a fox', control: 'canny' };
    expect(await refused('imagine', asked)).toMatch(/needs a picture/);
    const other = { ...asked, image: photo, model: 'nano.safetensors' };
    expect(await refused('imagine', other)).toMatch(/another kind of model than "nano.safetensors"/);
    const text = { name: 'x.png', bytes: Buffer.from('no picture') };
    expect(await refused('imagine', { ...asked, image: text })).toMatch(/not a picture/);
    const { message } = await studio.discord
      .as(studio.alice)
      .run(channel, 'imagine', { prompt: 'a fox', weight: 1, steps: 1 });
    expect((await studio.finished(message)).content).toContain('"weight" was ignored');
  });

  test('a picture that cannot be decoded ends the job in words, and the painter lives on', async () => {
    const whole = photo.bytes;
    const image = { name: 'x.png', bytes: whole.subarray(0, whole.length / 2) };
    const { message } = await studio.discord
      .as(studio.alice)
      .run(channel, 'imagine', { prompt: 'a fox', control: 'canny', image, steps: 2 });
    await studio.discord.until(() => /cannot be read/.test(studio.discord.message(message).content));
    await imagine({ control: 'canny', image: photo });
  });
});

test('/vary and /inpaint follow their own picture', async () => {
  const { discord, alice } = studio;
  const white = await sharp({ create: { width: 128, height: 128, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  const mask = { name: 'mask.png', bytes: white };
  for (const [name, values] of [
    ['vary', {}],
    ['inpaint', { mask }],
  ] as const) {
    const asked = { image: photo, prompt: 'a fox', count: 1, control: 'canny', weight: 0.5, ...values };
    const { message } = await discord.as(alice).run(channel, name, asked);
    const made = await studio.made(await studio.finished(message));
    expect(made.controls).toMatchObject([{ module: 'canny', weight: 0.5 }]);
  }
});

test('a waiting request survives a restart, and its picture is its author’s data', async () => {
  const { discord, alice } = studio;
  const slow = { prompt: 'a castle', steps: 60, count: 2 };
  const { message: first } = await discord.as(alice).run(channel, 'imagine', slow);
  const asked = { prompt: 'a fox', steps: 2, count: 1, control: 'canny', image: photo };
  const { message: second } = await discord.as(alice).run(channel, 'imagine', asked);
  await studio.restart();
  await studio.finished(first, 120_000);
  expect((await studio.made(await studio.finished(second, 60_000))).controls).toMatchObject([{ module: 'canny' }]);
  const { request } = (await studio.bot.app.results.behind(second.id))!;
  const traces = await studio.bot.app.results.traces(alice.id);
  expect(traces.uploads.has(request.control!.image)).toBe(true);
});

test('a ControlNet that was taken away gives way to another of its kind, or is refused in words', async () => {
  const { discord, alice } = studio;
  const first = await imagine({ control: 'depth', image: photo });
  const other = await imagine({ control: 'canny', image: photo });
  const slow = { prompt: 'a castle', steps: 60, count: 2 };
  const { message: running } = await discord.as(alice).run(channel, 'imagine', slow);
  const asked = { prompt: 'a fox', steps: 2, count: 1, image: photo };
  const waiting = await discord.as(alice).run(channel, 'imagine', { ...asked, control: 'canny' });
  const lost = await discord.as(alice).run(channel, 'imagine', { ...asked, control: 'depth' });
  await studio.bot.stop();
  rmSync(join(models, 'controlnet/control_test_depth'), { recursive: true });
  renameSync(join(models, 'controlnet/control_test_canny'), join(models, 'controlnet/control_new_canny'));
  await studio.startBot();
  await studio.finished(running, 120_000);
  const model = expect.stringMatching(/^control_new_canny /);
  for (const one of [await studio.finished(waiting.message), await pressed(other, '🔁')]) {
    expect((await studio.made(one)).controls).toMatchObject([{ module: 'canny', model }]);
  }
  await discord.until(() => discord.message(lost.message).content.includes('no ControlNet for this: Depth'));
  expect(choicesOf('imagine')).toEqual(['canny']);
  const outcome = await studio.discord.as(studio.alice).press(first, '🔁');
  expect(outcome.message.content).toMatch(/no ControlNet for this: Depth.*easel pull controlnet-canny/);
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log.filter(({ level }) => level === 'error')).toEqual([]);
});
