import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { exifOf, hiding, jpegOf, pngOf } from '../../engine/image/picture-file.js';
import { Studio } from './harness.js';

let studio: Studio;

beforeAll(async () => {
  studio = await Studio.start();
});
afterAll(() => studio.stop());

const FIELDS = 'Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 42, Size: 512x512';

async function seedOf(bytes: Uint8Array, name = 'picture.png') {
  const { discord, alice, general } = studio;
  const { message } = await discord.as(alice).run(general, 'seed', { image: { name, bytes } });
  await discord.until(() => message.content);
  expect(message.onlyFor).toBe(alice.id);
  return message;
}

describe('/seed', () => {
  test('shows every field, also those that it has no name for', async () => {
    const text = `a fox\nNegative prompt: blurry\n${FIELDS}, Hires upscale: 2, Hires upscaler: Latent, Hires CFG Scale: 0, ADetailer prompt: "a, b", Version: v1.9.4`;
    const { content } = await seedOf(await pngOf({ parameters: text }));
    for (const field of [
      'a fox\nNegative prompt: blurry\n',
      'Seed: 42',
      'Size: 512x512',
      'Hires upscale: 2',
      'Hires upscaler: Latent',
      'Hires CFG Scale: 0',
      'ADetailer prompt: "a, b"',
      'Version: v1.9.4',
    ])
      expect(content).toContain(field);
  });

  test.each([
    ['words alone', 'a fox'],
    ['fields without a size', 'a fox\nSteps: 20, Sampler: Euler, Seed: 7'],
  ])('says no size where there is none: %s', async (_, text) => {
    const { content } = await seedOf(await pngOf({ parameters: text }));
    expect(content).toContain('a fox');
    expect(content).not.toMatch(/Size|undefined/);
  });

  test.each(['6687881544318117707', '18446744073709551615'])('keeps every digit of the seed %s', async (seed) => {
    const { content } = await seedOf(await pngOf({ parameters: `a fox\nSteps: 20, Sampler: Euler, Seed: ${seed}` }));
    expect(content).toContain(`Seed: ${seed}`);
  });

  test('of long words shows seed and settings, the words shortened, and all of them in a file', async () => {
    const { discord } = studio;
    const words = Array.from({ length: 300 }, (_, i) => `détail ${i}`).join(', ');
    const not = Array.from({ length: 300 }, (_, i) => `bad ${i}`).join(', ');
    const message = await seedOf(
      await pngOf({ parameters: `${words}\nNegative prompt: ${not}\n${FIELDS}, Version: v1.9.4` }),
    );
    for (const part of ['détail 1, ', 'Negative prompt: bad 0', 'Steps: 20', 'Seed: 42', 'Version: v1.9.4'])
      expect(message.content).toContain(part);
    expect(message.content).toMatch(/\n```$/);
    const [file] = message.attachments;
    expect(file!.filename).toBe('parameters.txt');
    const told = Buffer.from(discord.file(message)).toString();
    for (const part of [words, not, 'Seed: 42']) expect(told).toContain(part);
  });

  test('of settings that are long themselves stays within a message', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `Field ${i}: ${i}`).join(', ');
    const message = await seedOf(await pngOf({ parameters: `a fox\n${FIELDS}, ${many}` }));
    for (const part of ['a fox', 'Seed: 42']) expect(message.content).toContain(part);
    expect(message.attachments).toHaveLength(1);
  });

  test.each<[string, () => Promise<Buffer>, RegExp]>([
    [
      'SwarmUI',
      () => pngOf({ parameters: '{"sui_image_params": {"prompt": "a fox", "seed": 581626448}}' }),
      /\na fox\nSeed: 581626448, Version: SwarmUI\n/,
    ],
    [
      'Fooocus',
      () => pngOf({ parameters: '{"prompt": "a fox", "seed": "123", "version": "Fooocus v2.3.1"}' }),
      /\na fox\nSeed: 123, Version: Fooocus v2.3.1\n/,
    ],
    [
      'a text hidden in the pixels',
      async () => (await hiding('rgb', 'stealth_rgbinfo', Buffer.from(`a fox\n${FIELDS}`))).png().toBuffer(),
      /\na fox\nSteps: 20, .*Seed: 42/,
    ],
    [
      'ComfyUI, a graph that is not plain',
      () => pngOf({ prompt: '{"1": {"class_type": "X", "inputs": {}}}', workflow: '{}' }),
      /^This picture was made with ComfyUI, and I cannot read/,
    ],
    [
      'nobody known',
      () => pngOf({ parameters: '{"words": "a fox"}' }),
      /^This picture was made with another program, and I cannot read/,
    ],
    [
      'a phone',
      () => jpegOf(exifOf({ comment: Buffer.from('ASCII\0\0\0oplus_1048864') })),
      /does not say how it was made/,
    ],
  ])('of a picture of %s', async (_, file, told) => {
    expect((await seedOf(await file(), 'picture.png')).content).toMatch(told);
  });

  test('cannot break out of its code block', async () => {
    const { content } = await seedOf(
      await pngOf({ parameters: 'a ``` @everyone ```` fox\nSteps: 20, Sampler: Euler, Seed: 7' }),
    );
    expect(content.match(/```/g)).toHaveLength(2);
  });
});

describe('a picture to start from', () => {
  const long = Array.from({ length: 300 }, (_, i) => `detail ${i}`).join(', ');
  const camera = () => jpegOf(exifOf({ comment: Buffer.from('ASCII\0\0\0oplus_1048864') }));

  async function started(command: 'vary' | 'upscale' | 'menu', bytes: Uint8Array) {
    const { discord, alice, general } = studio;
    const image = { name: 'picture.png', bytes };
    const values = { image, ...(command === 'vary' && { count: 1 }) };
    const { message } =
      command === 'menu'
        ? await discord.as(alice).contextMenu(await discord.as(alice).say(general, '', [image]), 'Vary this picture')
        : await discord.as(alice).run(general, command, values);
    const result = await studio.finished(message);
    return { content: result.content, read: (await readMetadata(discord.file(result)))! };
  }

  test.each(['vary', 'upscale', 'menu'] as const)('%s: what a camera wrote is not painted', async (command) => {
    const { content, read } = await started(command, await camera());
    expect(content).not.toContain('oplus');
    expect([read.prompt, read.negative]).toEqual(['', '']);
  });

  test.each(['vary', 'upscale', 'menu'] as const)('%s: a prompt that is too long is shortened', async (command) => {
    const parameters = `${long}\nNegative prompt: ${long}\n${FIELDS}`;
    const { content, read } = await started(command, await pngOf({ parameters }));
    expect(content).toContain('The prompt stored in the picture is longer than 90 tokens and was shortened.');
    expect(read.prompt).toMatch(/^detail 0, detail 1, .*detail \d+$/);
    expect(read.negative).toBe(read.prompt);
  });

  test.each(['vary', 'upscale', 'menu'] as const)('%s: a LoRA that is not here is left out', async (command) => {
    const { content, read } = await started(
      command,
      await pngOf({ parameters: `a red apple <lora:fox:0.8>\n${FIELDS}` }),
    );
    expect(content).toContain('uses LoRAs that are not available here');
    expect(read.prompt).toBe('a red apple');
  });

  test('words that the server refuses are left out, and nobody is refused', async () => {
    const { discord, alice, general } = studio;
    await studio.bot.app.settings.change(studio.guild.id, { words: ['apple'] });
    const { content, read } = await started(
      'vary',
      await pngOf({ parameters: `a red apple\nNegative prompt: blue\n${FIELDS}` }),
    );
    expect(content).toContain('has words that are not allowed here');
    expect(content).not.toContain('apple');
    expect([read.prompt, read.negative]).toEqual(['', 'blue']);
    const typed = { image: { name: 'a.png', bytes: await camera() }, prompt: 'a red apple' };
    const { message } = await discord.as(alice).run(general, 'vary', typed);
    expect(message.content).toContain('"apple" is not allowed');
    await studio.bot.app.settings.change(studio.guild.id, { words: [] });
  });

  test("a seed of 64 bits is the picture's own; ours is new", async () => {
    const parameters = 'a red apple\nSteps: 4, Sampler: Euler, Seed: 18446744073709551615';
    const { read } = await started('vary', await pngOf({ parameters }));
    expect(read.seed).toBeLessThan(2 ** 32);
  });
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});

describe('a picture that is not read in time', () => {
  const words = { parameters: `a red fox\n${FIELDS}` };
  /** Waits, as if behind other members' pictures, until it is released. */
  async function late<T>(act: () => Promise<T>): Promise<T> {
    const { inspectors } = studio.bot.app;
    const inspect = inspectors.inspect.bind(inspectors);
    let letGo = () => {};
    const turn = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const spy = vi.spyOn(inspectors, 'inspect').mockImplementation(async (...call) => {
      await turn;
      return inspect(...call);
    });
    try {
      return await act();
    } finally {
      spy.mockRestore();
      letGo();
    }
  }

  test('is painted from, and its author is told that its prompt was not used', async () => {
    const { discord, alice, general } = studio;
    const image = { name: 'late.png', bytes: await pngOf(words) };
    const { message } = await late(() => discord.as(alice).run(general, 'vary', { image, count: 1, seed: 7 }));
    const { content } = await studio.finished(message, 60_000);
    expect(content).toContain('the prompt stored in it was not used');
    expect(content).not.toContain('red fox');
  });

  test('says nothing of that to whoever gave a prompt', async () => {
    const { discord, alice, general } = studio;
    const image = { name: 'late.png', bytes: await pngOf(words) };
    const given = { image, prompt: 'a pear', count: 1, seed: 7 };
    const { message } = await late(() => discord.as(alice).run(general, 'vary', given));
    const { content } = await studio.finished(message, 60_000);
    expect(content).toContain('a pear');
    expect(content).not.toContain('was not used');
  });
});
