import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EaselError } from '../../../src/engine/errors.js';
import { packageRoot } from '../../../src/package-root.js';
import { aJob } from '../request.js';
import { freePort } from '../servers.js';
import { Bench, FIT, kinds, MODELS } from './harness.js';
import { OwnRedis } from './redis.js';

// Who may come in, and what must be the same on both sides.

/** As the chapter for operators has it. */
const CHAPTER = readFileSync(join(packageRoot, 'docs/more-machines.md'), 'utf8');
const RULES = /ACL SETUSER easel on >PASSWORD ([^`]+)`/.exec(CHAPTER)![1]!.split(' ');

test('a user that may only touch easel:* is enough for both sides; a wrong password is refused in words, and never logged', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  redis.ask('ACL', 'SETUSER', 'easel', 'on', '>hu%sh', ...RULES);
  redis.ask('ACL', 'SETUSER', 'default', 'off');
  const url = (password: string) => `redis://easel:${password}@127.0.0.1:${redis.port}`;
  const bot = await bench.bot(url('hu%25sh'));
  const painter = await bench.painter(url('hu%25sh'));
  await bot.jobs.submit(aJob({}, { prompt: 'ms=3000' }));
  await painter.said(/^begun/);
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  const refused = await bench.bot(url('wrong-one')).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(EaselError);
  expect((refused as Error).message).toMatch(/^Redis at 127\.0\.0\.1:\d+ refuses this name or password/);
  const stranger = bench.painterStarting(url('wrong-one'));
  await stranger.ended();
  expect(stranger.errors).toMatch(/refuses this name or password/);
  for (const text of [...bot.lines, ...painter.lines, ...stranger.lines, stranger.errors.split('EaselError')[1]]) {
    expect(text).not.toMatch(/hu(%25|%)sh|wrong-one/);
  }
});

test('over TLS with an authority of its own; without that authority it is refused in words', async () => {
  await using bench = new Bench();
  const folder = bench.folder();
  const [key, ca] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', ca, ...subject],
    { stdio: 'ignore' },
  );
  const tls = await freePort();
  const settings = [
    '--tls-port',
    String(tls),
    '--tls-cert-file',
    ca,
    '--tls-key-file',
    key,
    '--tls-ca-cert-file',
    ca,
    '--tls-auth-clients',
    'no',
  ];
  await using redis = await OwnRedis.start({ settings });
  const url = `rediss://127.0.0.1:${tls}`;
  const pem = readFileSync(ca, 'utf8');
  const bot = await bench.bot(url, { ca: pem });
  await bench.painter(url, { ca: pem });
  await bot.jobs.submit(aJob());
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(redis.port).not.toBe(tls);
  await expect(bench.bot(url)).rejects.toThrow(/certificate of Redis at .* is not trusted .*NODE_EXTRA_CA_CERTS/);
});

test.each([
  [
    'another version of Easel',
    { ...FIT, version: '2.0.0' },
    /attic is Easel 2\.0\.0 and this bot 1\.0\.0/,
    /The bot is Easel 1\.0\.0 and this painter 2\.0\.0/,
  ],
  ['other requests', { ...FIT, schema: 'other' }, /of another build/, /of another build/],
  ['no safety checker', { ...FIT, safetyChecker: false }, /SAFETY_CHECKER=off and this bot on/, null],
])('a painter with %s gets no jobs, and both sides say why', async (_, fit, here, there) => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const other = await bench.painter(redis.url, { fit });
  await expect.poll(() => bot.painters.problem).toMatch(here);
  if (there) await other.said(there);
  await bot.jobs.submit(aJob());
  await bench.painter(redis.url, { names: ['same'] });
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  expect(other.count(/^begun/)).toBe(0);
});

test('a request with a LoRA goes to painters that have the same; one that the bot does not know goes to any', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const models = { ...MODELS, 'LoRA ink': 'b'.repeat(64) };
  const bot = await bench.bot(redis.url, { digests: new Map(Object.entries(models)) });
  const without = await bench.painter(redis.url, { names: ['without'] });
  const old = await bench.painter(redis.url, { names: ['old'], models: { ...MODELS, 'LoRA ink': 'c'.repeat(64) } });
  await expect.poll(() => bot.painters.all.length).toBe(2);
  const ink = { prompt: 'a fox <lora:ink:0.8>' };
  await expect(bot.jobs.submit(aJob({}, ink))).rejects.toThrow(/modelAway/);
  await bot.jobs.submit(aJob({}, { prompt: 'a fox <lora:oil:0.8>' }));
  await expect.poll(() => kinds(bot)).toEqual(['painted']);
  const right = await bench.painter(redis.url, { names: ['right'], models });
  await expect.poll(() => bot.painters.all.length).toBe(3);
  for (let k = 0; k < 3; k++) await bot.jobs.submit(aJob({}, ink));
  await expect.poll(() => kinds(bot)).toEqual(['painted', 'painted', 'painted', 'painted']);
  expect(without.count(/^begun/) + old.count(/^begun/)).toBe(1);
  expect(right.count(/^begun/)).toBe(3);
});

test('a painter whose model is missing or has another SHA-256 gets no jobs for it; if none has it, the author is told', async () => {
  await using redis = await OwnRedis.start();
  await using bench = new Bench();
  const bot = await bench.bot(redis.url);
  const other = await bench.painter(redis.url, {
    names: ['other'],
    models: { 'easel-128': 'b'.repeat(64), big: 'c'.repeat(64) },
  });
  await expect.poll(() => bot.painters.all.length).toBe(1);
  await expect(bot.jobs.submit(aJob())).rejects.toThrow(/modelAway/);
  const right = await bench.painter(redis.url, { names: ['right'], models: MODELS });
  await expect.poll(() => bot.painters.all.length).toBe(2);
  for (let k = 0; k < 3; k++) await bot.jobs.submit(aJob());
  await expect.poll(() => kinds(bot)).toEqual(['painted', 'painted', 'painted']);
  expect([other.count(/^begun/), right.count(/^begun/)]).toEqual([0, 3]);
});
