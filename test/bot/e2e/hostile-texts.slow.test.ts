import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Channel, Message } from '../../../src/discord/things.js';
import { encodePng } from '../../../src/engine/image/encode.js';
import type { File } from '../../discord/drive/driven-user.js';
import { QUICK, Studio } from './harness.js';

// Every input for strangers' text, with texts made to be slow: the bot's process must keep answering.

/** Milliseconds. */
const DELAY = 100;
const LONGEST = 1000;
const TICK = 10;

/** What is slow to read for some part of the bot when it is repeated: brackets, entities, misread encodings, rare letters. */
const UNITS = [
  "a§apple pie §qzxjkvw§1§!§,§ §\n§'s§中§リンゴ§🍎§é§e\u0301§\u0334§\u200b§(§)§(a§(a:1.1)§[§[a]§(a:§:1111111111§:§\\§\\(",
  '<lora:§<lora:a:1>§<|startoftext|>§{|||}§{a|b}§{a|§{§|§}§{prompt}§BREAK §AND §[a:b:0.5]§&amp;§amp;§&#112;§&eacute;§&g',
  'Ã©§ÃƒÂ©§â€™§Ã §â‚¬ Ð¿ Ã¶ §\u0080§\ud800§ａ§аррlе §ᴀ§steps: 5, §words: a, §[a](https://a.b) §<@1>§```§\u202e§\u001b[1;',
  `w1 w2 §"§: 1, §${'x'.repeat(74)}`,
].flatMap((units) => units.split('§'));
const LENGTHS = [30, 400, 1500];
const texts = LENGTHS.flatMap((length) =>
  UNITS.map((unit) => `&${unit.repeat(Math.ceil(length / unit.length))}`.slice(0, length)),
);
const some = texts.filter((_, k) => k % 4 === 0);

const prompt = 'a fox';
let studio: Studio;
let channel: Channel;
let result: Message;
/** Made before anything is measured. */
const pictures = new Map<string, File>();
let port: number;

beforeAll(async () => {
  port = await freePort();
  const much = { USER_PER_HOUR: '100000', GUILD_PER_HOUR: '100000', USER_QUEUE: '1' };
  studio = await Studio.start({ HEALTH_PORT: String(port), ...much });
  channel = studio.channel('hostile');
  const { message } = await studio.discord.as(studio.bob).run(channel, 'imagine', { prompt, ...QUICK });
  result = await studio.finished(message, 120_000);
  for (const text of some) {
    pictures.set(text, await saying(text.repeat(Math.ceil(60_000 / text.length))));
    pictures.set(`name ${text}`, await saying('a', `${text.replace(/[\\/\n\0]/g, '').slice(0, 200)}.png`));
    pictures.set(`much ${text}`, await saying(text.repeat(Math.ceil(1_000_000 / text.length))));
  }
  const words = Array.from({ length: 400 }, (_, k) => `word${k}`);
  const styles = [
    { name: 'twice', prompt: '{prompt} {prompt}', negative: '' },
    { name: 'often', prompt: '{prompt}'.repeat(62), negative: '{|||}'.repeat(100) },
    { name: 'more', prompt: '{|||}'.repeat(100), negative: 'a' },
  ];
  await studio.bot.app.settings.change(studio.guild.id, { words, styles });
});
afterAll(() => studio?.stop());

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A picture with this text in its metadata. */
async function saying(prompt: string, name = 'a.png'): Promise<File> {
  const parameters = { prompt, negative: prompt, steps: 1, sampler: 'DDIM', scale: 5, width: 32, height: 32 };
  const pixels = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3) };
  return { name, bytes: await encodePng(pixels, parameters) };
}

type Path = readonly [name: string, of: readonly string[], take: (text: string, k: number) => Promise<unknown>];
const run = (command: string, values: Parameters<ReturnType<Studio['discord']['as']>['run']>[2], user = studio.bob) =>
  studio.discord.as(user).run(channel, command, values);
const complete = (command: string, option: string, text: string) =>
  studio.discord.as(studio.bob).autocomplete(channel, command, option, text, { prompt });

const paths: Path[] = [
  ['the prompt', texts, (text) => run('imagine', { prompt: text, ...QUICK, steps: 1 })],
  [
    'the prompt in a style',
    texts,
    (text, k) => run('imagine', { prompt: text, count: 2, steps: 1, style: ['twice', 'often', 'more'][k % 3]! }),
  ],
  ['the negative prompt', texts, (text) => run('imagine', { prompt, negative: text, ...QUICK, steps: 1 })],
  ['names', some, (text, k) => run('imagine', { prompt, [['sampler', 'model', 'style'][k % 3]!]: text })],
  ['/grid', texts, (text) => run('grid', { prompt: text, across: text.slice(0, 200) })],
  [
    'words of /grid',
    some,
    (text) => run('grid', { prompt: 'a'.repeat(1500), across: `words: a, ${text.slice(0, 180)}` }),
  ],
  ['completion of the prompt', texts, (text) => complete('imagine', 'prompt', text.slice(1))],
  ['completion of others', some, (text, k) => complete('imagine', ['sampler', 'model', 'style'][k % 3]!, text)],
  ['completion of /grid', some, (text) => complete('grid', 'across', text)],
  [
    'the form of ✏️',
    some,
    async (text) => {
      const form = await studio.discord.as(studio.bob).press(result, '✏️');
      return studio.discord.as(studio.bob).submit(form, { prompt: text, negative: text, steps: text.slice(0, 20) });
    },
  ],
  [
    'styles',
    some,
    async (text) => {
      const name = text.slice(0, 32);
      await run('styles add', { style: name, prompt: text.slice(0, 500), negative: text.slice(0, 500) }, studio.alice);
      await run('styles list', {});
      await run('imagine', { prompt: text, style: name, ...QUICK });
      await run('styles remove', { style: name }, studio.alice);
    },
  ],
  ['metadata of a picture', some, (text) => run('vary', { image: pictures.get(text)!, count: 1 })],
  ['metadata that are told', some, (text) => run('seed', { image: pictures.get(text)! })],
  ['more metadata', some, (text) => run('vary', { image: pictures.get(`much ${text}`)!, count: 1 })],
  ['names of files', some, (text) => run('seed', { image: pictures.get(`name ${text}`)! })],
  [
    'refused words',
    some,
    async (text) => {
      const form = await run('settings words', {}, studio.alice);
      await studio.discord
        .as(studio.alice)
        .submit(form, { words: `${text}, ${text.split('').join(',')}`.slice(0, 2000) });
      return run('imagine', { prompt: text, negative: text, ...QUICK });
    },
  ],
];

/**
 * For how long the event loop was held, turn by turn: by its wall clock, but no longer than this process computed, so that
 * a busy machine does not count.
 */
class Turns {
  readonly #held: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let [last, used] = [performance.now(), process.cpuUsage()];
    this.#timer = setInterval(() => {
      const { user, system } = process.cpuUsage(used);
      this.#held.push(Math.min(performance.now() - last - TICK, (user + system) / 1000));
      [last, used] = [performance.now(), process.cpuUsage()];
    }, TICK);
  }

  end(): { turns: number; p99: number; longest: number } {
    clearInterval(this.#timer);
    const held = this.#held.sort((a, b) => a - b);
    return { turns: held.length, p99: held[Math.floor(held.length * 0.99)]!, longest: held.at(-1)! };
  }
}

test('no text stops the bot from answering', async () => {
  const count = paths.reduce((sum, [, of]) => sum + of.length, 0);
  expect(count).toBeGreaterThanOrEqual(1000);
  let slowest = 0;
  let asking = true;
  const asked = (async () => {
    while (asking) {
      const began = performance.now();
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const table: Record<string, { texts: number; p99: number; longest: number; seconds: number }> = {};
  for (const [name, of, take] of paths) {
    const began = performance.now();
    const turns = new Turns();
    for (const [k, text] of of.entries()) await take(text, k);
    table[name] = { texts: of.length, ...turns.end(), seconds: (performance.now() - began) / 1000 };
  }
  asking = false;
  await asked;
  console.table(table);
  console.log(`${count} texts; /healthz answered within ${Math.round(slowest)} ms`);
  for (const [name, { p99, longest }] of Object.entries(table)) {
    expect(p99, name).toBeLessThan(DELAY);
    expect(longest, name).toBeLessThan(LONGEST);
  }
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle(120_000);
  expect(studio.log.filter(({ level }) => level === 'error')).toEqual([]);
});
