import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { expect, test } from 'vitest';
import {
  cacheFolder,
  childEnv,
  DEFAULT_MODEL,
  loadConfig,
  loadPaintConfig,
  loadServeConfig,
  VARIABLES,
} from '../src/config.js';
import { EaselError } from '../src/engine/errors.js';
import { packageRoot } from '../src/package-root.js';

const DISCORD_TOKEN = 'MTIz.abc-DEF.xyz_789';

test('a token is all that must be set', () => {
  const config = loadConfig({ DISCORD_TOKEN });
  expect(config).toMatchObject({
    discordToken: DISCORD_TOKEN,
    model: DEFAULT_MODEL,
    safetyChecker: true,
    device: 'auto',
  });
  expect(config.dataDir).toBe(resolve('data'));
  expect(config.databaseUrl).toBe(`sqlite://${resolve('data/easel.sqlite')}`);
  expect(config.threads).toBeUndefined();
});

test('the store follows DATA_DIR, and an empty variable counts as not set', () => {
  const { databaseUrl, logLevel } = loadConfig({ DISCORD_TOKEN, DATA_DIR: '/srv/easel', LOG_LEVEL: ' ' });
  expect(databaseUrl).toBe('sqlite:///srv/easel/easel.sqlite');
  expect(logLevel).toBe('info');
});

test('every wrong variable gets a line with its name, what it got and what is allowed', () => {
  const env = { DISCORD_TOKEN, DEVICE: 'toaster', USER_QUEUE: '-3', SAFETY_CHECKER: 'maybe', GUILD_ID: '12' };
  const message = messageOf(env);
  expect(message.split('\n')).toEqual([
    expect.stringMatching(
      /^DEVICE is "toaster"\. Set it to auto, cpu, cuda, tensorrt, webgpu, dml, coreml; of several GPUs/,
    ),
    'GUILD_ID is "12". Set it to the id of one server, 17 to 20 digits.',
    'SAFETY_CHECKER is "maybe". Set it to on, off.',
    'USER_QUEUE is "-3". Set it to a whole number from 1 to 1000.',
  ]);
});

test.each([
  ['USER_QUEUE', '0'],
  ['USER_QUEUE', '1e3'],
  ['HEALTH_PORT', '65536'],
  ['MODEL', '../elsewhere'],
  ['LOCAL_HOST', '192.168.1.5'],
  ['DISCORD_API_URL', 'ftp://example.org'],
  ['DATABASE_URL', 'mysql://example.org'],
])('%s=%s is refused', (name, value) => {
  expect(messageOf({ DISCORD_TOKEN, [name]: value })).toMatch(new RegExp(`^${name} `));
});

test('two bots need a store that both reach', () => {
  const standby = (DATABASE_URL?: string) => loadConfig({ DISCORD_TOKEN, STANDBY: 'on', DATABASE_URL }).standby;
  expect(() => standby()).toThrow(/^STANDBY is "on", but the store is SQLite.*Set DATABASE_URL to redis/);
  expect(standby('redis://host')).toBe(true);
  expect(standby('postgres://me@host/easel')).toBe(true);
});

test('a secret is not shown, not even a wrong one', () => {
  const message = messageOf({ DISCORD_TOKEN: 'my secret', DATABASE_URL: 'mysql://me:hunter2@host' });
  expect(message).toMatch(/^DISCORD_TOKEN is not valid/);
  expect(message).not.toMatch(/my secret|hunter2/);
});

test('a missing token says where to get one', () => {
  expect(messageOf({})).toMatch(/^DISCORD_TOKEN is not set. .*discord.com\/developers/);
});

test.each([
  [{}, ['auto']],
  [{ PAINTER_PROCESSES: '3' }, ['auto', 'auto', 'auto']],
  [{ DEVICE: 'cuda:0, cuda:1' }, ['cuda:0', 'cuda:1']],
  [{ DEVICE: 'cuda:0,cuda:1', PAINTER_PROCESSES: '3' }, ['cuda:0', 'cuda:1', 'cuda:0']],
])('painters of %o are on %o', (env, devices) => {
  const config = loadConfig({ DISCORD_TOKEN, ...env });
  expect(config).toMatchObject({ device: devices[0], devices });
  // Together they may take what the machine has.
  const [one, all] = [config.painterMemory, loadConfig({ DISCORD_TOKEN }).painterMemory];
  expect(one * devices.length).toBeCloseTo(all, 0);
  expect(loadConfig({ DISCORD_TOKEN, ...env, PAINTER_MEMORY: '6000' }).painterMemory).toBe(6000 * 2 ** 20);
});

test('devices that there are not, and fewer painters than devices, are refused', () => {
  for (const DEVICE of ['cpu:1', 'cuda:x', 'cuda:-1', 'cuda:007', 'cuda,', 'cuda;cpu']) {
    expect(messageOf({ DISCORD_TOKEN, DEVICE })).toMatch(/^DEVICE is /);
  }
  expect(messageOf({ DISCORD_TOKEN, DEVICE: 'cuda:0,cuda:1', PAINTER_PROCESSES: '1' })).toMatch(
    /^PAINTER_PROCESSES is "1", but DEVICE names 2\. /,
  );
});

test('the HTTP API needs a key where other machines can reach it', () => {
  expect(messageOf({ DISCORD_TOKEN, API_PORT: '7860', API_HOST: '0.0.0.0' })).toMatch('EASEL_API_KEY');
  expect(messageOf({ DISCORD_TOKEN, EASEL_API_KEY: 'short' })).toBe(
    'EASEL_API_KEY is not valid. Set it to a key of your choosing, 8 to 200 letters, figures and marks without spaces.',
  );
  const blank = { DISCORD_TOKEN, EASEL_API_KEY: ' ' };
  expect(messageOf({ ...blank, API_PORT: '7860' })).toMatch(
    /^EASEL_API_KEY is set but empty, .* or remove the variable/,
  );
  expect(() => loadServeConfig({}, blank)).toThrow('EASEL_API_KEY is set but empty');
  expect(loadConfig(blank)).toMatchObject({ apiKey: undefined, apiPort: undefined });
  const EASEL_API_KEY = 'long-enough';
  expect(loadConfig({ DISCORD_TOKEN, API_HOST: '::', EASEL_API_KEY })).toMatchObject({
    apiHost: '::',
    apiPort: undefined,
  });
  expect(loadConfig({ DISCORD_TOKEN, API_PORT: '0', API_HOST: '::1' })).toMatchObject({
    apiPort: 0,
    apiKey: undefined,
  });
});

test("easel serve reads what is about painting of a bot's settings; flags come first", () => {
  const bot = { DISCORD_TOKEN, DATABASE_URL: 'redis://there', PAINTERS: 'redis://there', MODEL: 'one', API_PORT: '1' };
  const { databaseUrl, painters, model, apiPort } = loadServeConfig({ model: 'other' }, bot);
  expect({ painters, model, apiPort }).toEqual({ painters: undefined, model: 'other', apiPort: 1 });
  expect(databaseUrl).toMatch(/^sqlite:/);
  expect(loadServeConfig({}, {}).apiPort).toBe(7860);
  expect(loadServeConfig({ port: 0 }, bot).apiPort).toBe(0);
});

test('child processes get no secret', () => {
  const env = childEnv({ DISCORD_TOKEN, DATABASE_URL: 'redis://:pw@host', PATH: '/bin' });
  expect(env.DISCORD_TOKEN).toBeUndefined();
  expect(env.DATABASE_URL).toBeUndefined();
  expect(env.PATH).toBe('/bin');
});

test('the cache is where EASEL_CACHE says, else in the folder that the system has for caches', () => {
  expect(cacheFolder({ EASEL_CACHE: '/elsewhere', XDG_CACHE_HOME: '/xdg' }, 'linux')).toBe('/elsewhere');
  expect(cacheFolder({ XDG_CACHE_HOME: '/xdg' }, 'linux')).toBe(join('/xdg', 'easel'));
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux')).toBe(join(homedir(), '.cache/easel'));
  expect(loadConfig({ DISCORD_TOKEN, EASEL_CACHE: 'mine' }).cache).toBe(resolve('mine'));
});

test('.env.example names every variable and no other, with the defaults that hold', () => {
  const text = readFileSync(join(packageRoot, '.env.example'), 'utf8');
  const example = parse(text.replaceAll(/^# ([A-Z_]+=)/gm, '$1'));
  expect(Object.keys(example).sort()).toEqual(Object.keys(VARIABLES).sort());
  expect(loadConfig({ ...example, DISCORD_TOKEN })).toEqual(loadConfig({ DISCORD_TOKEN }));
  for (const [name, value] of Object.entries(example)) {
    if (value === '') continue;
    expect(loadConfig({ DISCORD_TOKEN, [name]: value }), name).toEqual(loadConfig({ DISCORD_TOKEN }));
  }
});

function messageOf(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(EaselError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('easel paint: flags come before the environment, and no account at Discord is needed', () => {
  const env = { PAINTERS: 'redis://elsewhere', DEVICE: 'cpu', THREADS: '2' };
  const flags = { queue: 'rediss://u:p@here:1', models: '/models', slots: 3, device: 'cuda:0,cuda:1', threads: 5 };
  expect(loadPaintConfig(flags, env)).toMatchObject({
    painters: 'rediss://u:p@here:1',
    modelsDir: resolve('/models'),
    devices: ['cuda', 'cuda:1', 'cuda'].map((name) => expect.stringMatching(new RegExp(`^${name}(:0)?$`))),
    threads: 5,
  });
  expect(loadPaintConfig({}, env)).toMatchObject({ painters: 'redis://elsewhere', devices: ['cpu'], threads: 2 });
  expect(() => loadPaintConfig({}, {})).toThrow(/^Say which bot to paint for/);
  expect(() => loadPaintConfig({ queue: 'http://u:hush@x' }, {})).toThrow(/^PAINTERS is not valid\. (?!.*hush)/);
});
