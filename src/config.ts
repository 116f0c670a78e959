import { totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parse, populate } from 'dotenv';
import { z } from 'zod';
import { cacheFolder, compileCache } from './cache-folder.js';
import { EMBEDDED_MODEL } from './engine/embedded-model.js';
import { EaselError } from './engine/errors.js';
import { modelsFolder } from './engine/package-root.js';
import { FileRefused, readWhole } from './engine/regular-file.js';
import { PRECISIONS, type Precision } from './engine/runtime/precision.js';
import { DEVICE_NAMES, type Device, isDevice } from './engine/runtime/provider.js';
import { isLoopback } from './own-address.js';

const MAX_ENV = 2 ** 20;

const NO_SHARED_STORE =
  'STANDBY is "on", but the store is SQLite, which only one bot can use. Set DATABASE_URL to redis://host, rediss://host or postgres://user:password@host/database, the same for both bots.';

const NO_API_KEY =
  'API_HOST can be reached from other machines, so the HTTP API needs a key: set EASEL_API_KEY, or leave API_HOST at 127.0.0.1.';

const BLANK_API_KEY =
  'EASEL_API_KEY is set but empty, and an HTTP API without a key is open to every program on this machine. Give it a key, or remove the variable if that is meant.';

/** One variable: its check, the allowed values in words, and whether its value is secret. */
interface Variable<T> {
  readonly check: z.ZodType<T, string | undefined>;
  readonly allowed: string;
  readonly secret?: boolean;
}

const variable = <T>(check: z.ZodType<T, string | undefined>, allowed: string, secret = false): Variable<T> => ({
  check,
  allowed,
  secret,
});

const integer = (fallback: number, low: number, high: number) =>
  variable(
    z
      .string()
      .regex(/^\d+$/)
      .optional()
      .transform((text) => (text === undefined ? fallback : Number(text)))
      .refine((value) => value >= low && value <= high),
    `a whole number from ${low} to ${high}`,
  );

const port = (fallback: number) => integer(fallback, 0, 65535);

const oneOf = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  variable(z.enum(values).default(fallback as never) as z.ZodType<T[number], string | undefined>, values.join(', '));

const text = (check: z.ZodType<string, string>, fallback: string, allowed: string) =>
  variable(check.default(fallback) as z.ZodType<string, string | undefined>, allowed);

const filled = z.string().min(1);
const url = (...protocols: string[]) =>
  filled.refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol));

export { cacheFolder } from './cache-folder.js';

/** The model that ships with Easel. */
export const DEFAULT_MODEL = basename(EMBEDDED_MODEL);

/** Every environment variable that Easel reads. `.env.example` explains each. */
export const VARIABLES = {
  DISCORD_TOKEN: variable(
    z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+$/) as z.ZodType<string, string | undefined>,
    'the bot\'s token: discord.com/developers/applications, your application, "Bot", "Reset Token"',
    true,
  ),
  DISCORD_API_URL: variable(url('http:', 'https:').optional(), 'an http or https URL that ends in /api'),
  GUILD_ID: variable(
    z
      .string()
      .regex(/^\d{17,20}$/)
      .optional(),
    'the id of one server, 17 to 20 digits',
  ),
  DATA_DIR: text(filled, './data', 'a folder'),
  DATABASE_URL: variable(
    url('sqlite:', 'redis:', 'rediss:', 'postgres:', 'postgresql:').optional(),
    'sqlite:///path/file, redis://host, rediss://host or postgres://user:password@host/database',
    true,
  ),
  PAINTERS: variable(
    url('redis:', 'rediss:').optional(),
    'the address of the Redis through which painters on other machines work: redis://user:password@host:6379 or rediss://...',
    true,
  ),
  MODELS_DIR: text(filled, modelsFolder, 'a folder of models'),
  MODEL: text(
    filled.regex(/^(?!\.\.?\/)[^/\\]+(\/(?!\.\.?$)[^/\\]+)?$/),
    DEFAULT_MODEL,
    'the name of a folder or file directly in MODELS_DIR, or of a model that was pulled',
  ),
  UPSCALER: variable(filled.optional(), 'none, or the name of a file in MODELS_DIR/upscalers, without its extension'),
  HF_ENDPOINT: text(url('http:', 'https:'), 'https://huggingface.co', 'an http or https URL'),
  HF_TOKEN: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    'a token from huggingface.co/settings/tokens',
    true,
  ),
  CIVITAI_TOKEN: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    'a key from civitai.com/user/account',
    true,
  ),
  EASEL_CACHE: variable(filled.optional(), 'a folder'),
  SAFETY_CHECKER: oneOf(['on', 'off'], 'on'),
  DEVICE: variable(
    z
      .string()
      .default('auto')
      .transform((text) => text.split(',').map((name) => name.trim()))
      .refine((names): names is Device[] => names.every(isDevice)) as z.ZodType<Device[], string | undefined>,
    `${DEVICE_NAMES}. For a painter on each of several, separate them by commas`,
  ),
  PAINTER_PROCESSES: integer(0, 0, 64),
  PRECISION: oneOf(PRECISIONS, 'auto'),
  THREADS: integer(0, 0, 1024),
  BATCH: variable(
    z
      .string()
      .regex(/^(auto|[1-9]|1[0-6])$/)
      .default('auto')
      .transform((text) => (text === 'auto' ? text : Number(text))) as z.ZodType<number | 'auto', string | undefined>,
    'auto, or a whole number from 1 to 16',
  ),
  PAINTER_MEMORY: integer(Math.round(totalmem() / 2 ** 20), 256, 2 ** 24),
  MAX_WORK: integer(250e6, 1, 1e12),
  USER_QUEUE: integer(4, 1, 1000),
  GUILD_QUEUE: integer(50, 1, 10_000),
  USER_PER_HOUR: integer(200, 1, 1e6),
  GUILD_PER_HOUR: integer(2000, 1, 1e6),
  BLOCKED_WORDS: text(z.string(), '', 'words, separated by commas'),
  STANDBY: oneOf(['on', 'off'], 'off'),
  HEALTH_HOST: text(filled.regex(/^[\w.:-]+$/), '127.0.0.1', 'an address to listen on'),
  HEALTH_PORT: port(8080),
  EASEL_API_KEY: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]{8,200}$/)
      .optional(),
    'a key of your choosing, 8 to 200 letters, figures and marks without spaces',
    true,
  ),
  API_HOST: text(filled.regex(/^[\w.:-]+$/), '127.0.0.1', 'an address to listen on'),
  API_PORT: variable(
    z
      .string()
      .regex(/^\d+$/)
      .transform(Number)
      .refine((value) => value <= 65535)
      .optional() as z.ZodType<number | undefined, string | undefined>,
    'a port from 0 to 65535',
  ),
  LOCAL_HOST: oneOf(['127.0.0.1', '0.0.0.0'], '127.0.0.1'),
  LOCAL_PORT: port(8400),
  PRIVACY_URL: variable(url('http:', 'https:').optional(), 'an http or https URL'),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
} as const;

type Name = keyof typeof VARIABLES;
type Value<N extends Name> = z.output<(typeof VARIABLES)[N]['check']>;

/** The bot's settings. Immutable; read once, at the start. */
export interface Config {
  readonly discordToken: string;
  /** Undefined is Discord itself. */
  readonly discordApiUrl: string | undefined;
  /** Commands are registered in this server only, where they appear at once. */
  readonly guildId: string | undefined;
  /** Absolute. Everything that the bot writes, unless the store is elsewhere. */
  readonly dataDir: string;
  readonly databaseUrl: string;
  /** Redis, through which painters on other machines work; undefined paints here. */
  readonly painters: string | undefined;
  /** Absolute. */
  readonly modelsDir: string;
  readonly model: string;
  /** False if MODEL is not set: then a model that was pulled comes before the one that ships. */
  readonly modelChosen: boolean;
  /** What enlarges pictures where nobody names an upscaler: a name, or `none`; each model's own if it is not set. */
  readonly upscaler: string | undefined;
  /** Absolute. For what can be made again. */
  readonly cache: string;
  readonly safetyChecker: boolean;
  /** Of the first painter. */
  readonly device: Device;
  /** Of the painters on this machine, one for each. */
  readonly devices: readonly Device[];
  readonly precision: Precision;
  /** Undefined is as many as there are cores. */
  readonly threads: number | undefined;
  /** Pictures that may be painted at the same time. */
  readonly batch: number | 'auto';
  /** Bytes of resident memory after which a painter is restarted, between two jobs. */
  readonly painterMemory: number;
  /** Pixels x steps x pictures of one job. */
  readonly maxWork: number;
  /** Most jobs that may wait. */
  readonly userQueue: number;
  readonly guildQueue: number;
  /** Pictures per hour. */
  readonly userPerHour: number;
  readonly guildPerHour: number;
  /** A list as people type it: refused in every server, in direct messages and in the HTTP API. */
  readonly blockedWords: string;
  /** Of several bots with the same store and DATA_DIR, one works and the others wait until it ends. */
  readonly standby: boolean;
  readonly healthHost: string;
  /** 0 takes any free port. */
  readonly healthPort: number;
  /** What programs that use the HTTP API have to send; undefined asks for none, which is only possible on loopback. */
  readonly apiKey: string | undefined;
  readonly apiHost: string;
  /** 0 takes any free port; undefined serves no HTTP API. */
  readonly apiPort: number | undefined;
  /** For the local Discord. Whatever it listens on, its page only answers requests for 127.0.0.1 or localhost. */
  readonly localHost: '127.0.0.1' | '0.0.0.0';
  readonly localPort: number;
  /** The operator's own privacy policy, which /privacy links to. */
  readonly privacyUrl: string | undefined;
  readonly logLevel: string;
}

/**
 * Adds the variables in `.env` to the environment; those already set win.
 *
 * @throws EaselError if the file exists but cannot be read.
 */
export async function loadEnv(path = '.env'): Promise<void> {
  const bytes = await readWhole(path, MAX_ENV).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    const why = cause instanceof FileRefused ? cause.message : cause.code;
    throw new EaselError(`The settings in ${path} cannot be read (${why}). Fix or remove that file.`, { cause });
  });
  populate(process.env as Record<string, string>, parse(bytes));
}

/** Whether there is a bot account to run as. */
export function hasToken(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env.DISCORD_TOKEN?.trim());
}

/** Whether somebody sits at this machine, so that a page can be opened for them. */
export function hasDesktop(env: NodeJS.ProcessEnv = process.env): boolean {
  if (!process.stdout.isTTY) return false;
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** The environment of a bot in the local Discord: its account and address are only known once that runs. */
export function localEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const quiet = { HEALTH_PORT: env.HEALTH_PORT || '0', LOG_LEVEL: env.LOG_LEVEL || 'error' };
  return { ...env, ...quiet, DISCORD_TOKEN: 'local.discord.bot' };
}

/**
 * The environment of child processes: without secrets, because they decode files from strangers. glibc keeps memory for
 * every thread that allocated some and releases it late, so it is limited to two arenas. Compiled code is kept where main.ts
 * keeps it.
 */
export function childEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const secrets = Object.entries(VARIABLES).filter(([, { secret }]) => secret);
  return {
    MALLOC_ARENA_MAX: '2',
    NODE_COMPILE_CACHE: compileCache(env),
    ...env,
    ...Object.fromEntries(secrets.map(([name]) => [name, undefined])),
  };
}

/**
 * Reads and checks the environment. Empty variables count as unset.
 *
 * @throws EaselError with a line per wrong variable: its value (unless secret) and what is allowed.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { read, check, wrong } = reader(env);
  const devices = devicesOf(read('DEVICE') ?? [], read('PAINTER_PROCESSES'), wrong);
  const dataDir = resolve(read('DATA_DIR') ?? '.');
  const config: Config = {
    discordToken: read('DISCORD_TOKEN')!,
    discordApiUrl: read('DISCORD_API_URL'),
    guildId: read('GUILD_ID'),
    dataDir,
    databaseUrl: read('DATABASE_URL') ?? `sqlite://${join(dataDir, 'easel.sqlite')}`,
    painters: read('PAINTERS'),
    modelsDir: resolve(read('MODELS_DIR') ?? '.'),
    model: read('MODEL'),
    modelChosen: Boolean(env.MODEL?.trim()),
    upscaler: read('UPSCALER'),
    cache: cacheFolder(env),
    safetyChecker: read('SAFETY_CHECKER') === 'on',
    device: devices[0]!,
    devices,
    precision: read('PRECISION'),
    threads: read('THREADS') || undefined,
    batch: read('BATCH'),
    painterMemory: (read('PAINTER_MEMORY') * 2 ** 20) / (env.PAINTER_MEMORY?.trim() ? 1 : Math.max(1, devices.length)),
    maxWork: read('MAX_WORK'),
    userQueue: read('USER_QUEUE'),
    guildQueue: read('GUILD_QUEUE'),
    userPerHour: read('USER_PER_HOUR'),
    guildPerHour: read('GUILD_PER_HOUR'),
    blockedWords: read('BLOCKED_WORDS'),
    standby: read('STANDBY') === 'on',
    healthHost: read('HEALTH_HOST'),
    healthPort: read('HEALTH_PORT'),
    apiKey: read('EASEL_API_KEY'),
    apiHost: read('API_HOST'),
    apiPort: read('API_PORT'),
    localHost: read('LOCAL_HOST'),
    localPort: read('LOCAL_PORT'),
    privacyUrl: read('PRIVACY_URL'),
    logLevel: read('LOG_LEVEL'),
  };
  check();
  const isServed = config.apiPort !== undefined && config.apiKey === undefined;
  // As it is after `EASEL_API_KEY=$KEY` with a KEY that is not there.
  if (isServed && env.EASEL_API_KEY !== undefined) throw new EaselError(BLANK_API_KEY);
  if (isServed && !isLoopback(config.apiHost)) throw new EaselError(NO_API_KEY);
  if (config.standby && config.databaseUrl.startsWith('sqlite:')) throw new EaselError(NO_SHARED_STORE);
  return config;
}

/** The device of each painter: all in turn, as often as there are painters. @param painters 0: one for each device. */
function devicesOf(named: readonly Device[], painters: number, wrong: string[]): Device[] {
  if (painters > 0 && painters < named.length) {
    wrong.push(
      `PAINTER_PROCESSES is "${painters}", but DEVICE names ${named.length}. Leave it out, or set it to at least that.`,
    );
  }
  return Array.from({ length: painters || named.length }, (_, k) => named[k % named.length]!);
}

/** What `easel pull` reads of the environment. */
export interface PullConfig {
  /** Of the Hugging Face Hub, or of a mirror. */
  readonly endpoint: URL;
  readonly hubToken: string | undefined;
  readonly civitaiToken: string | undefined;
  readonly proxies: { readonly httpProxy?: string; readonly httpsProxy?: string; readonly noProxy?: string };
}

/** @throws EaselError as {@link loadConfig}. */
export function loadPullConfig(env: NodeJS.ProcessEnv = process.env): PullConfig {
  const { read, check } = reader(env);
  const [endpoint, hubToken, civitaiToken] = [read('HF_ENDPOINT'), read('HF_TOKEN'), read('CIVITAI_TOKEN')];
  check();
  const either = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
  const [httpProxy, httpsProxy, noProxy] = [either('HTTP_PROXY'), either('HTTPS_PROXY'), either('NO_PROXY')];
  for (const proxy of [httpProxy, httpsProxy]) {
    // Its value may hold a password.
    if (proxy !== undefined && !URL.canParse(proxy))
      throw new EaselError('HTTP_PROXY or HTTPS_PROXY is not an address.');
  }
  const proxies = { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }), ...(noProxy && { noProxy }) };
  return { endpoint: new URL(endpoint), hubToken, civitaiToken, proxies };
}

/** What `easel paint` reads: everything about painting, and nothing about Discord. */
export type PaintConfig = Pick<
  Config,
  | 'dataDir'
  | 'modelsDir'
  | 'cache'
  | 'safetyChecker'
  | 'devices'
  | 'precision'
  | 'threads'
  | 'batch'
  | 'painterMemory'
  | 'logLevel'
> & { readonly painters: string };

/** What the flags of `easel paint` say instead of the environment. */
export interface PaintFlags {
  readonly queue?: string | undefined;
  readonly models?: string | undefined;
  readonly slots?: number | undefined;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
}

/** @throws EaselError as {@link loadConfig}, without the address of Redis in it. */
export function loadPaintConfig(flags: PaintFlags, env: NodeJS.ProcessEnv = process.env): PaintConfig {
  const { queue, models, slots, device, threads } = flags;
  const said = { PAINTERS: queue, MODELS_DIR: models, PAINTER_PROCESSES: slots, DEVICE: device, THREADS: threads };
  const given = { ...env, ...texts(said) };
  const { read, check, wrong } = reader(given);
  const painters = read('PAINTERS');
  const devices = devicesOf(read('DEVICE') ?? [], read('PAINTER_PROCESSES'), wrong);
  const config = {
    painters: painters ?? '',
    dataDir: resolve(read('DATA_DIR') ?? '.'),
    modelsDir: resolve(read('MODELS_DIR') ?? '.'),
    cache: cacheFolder(given),
    safetyChecker: read('SAFETY_CHECKER') === 'on',
    devices,
    precision: read('PRECISION'),
    threads: read('THREADS') || undefined,
    batch: read('BATCH'),
    painterMemory: (read('PAINTER_MEMORY') * 2 ** 20) / (env.PAINTER_MEMORY?.trim() ? 1 : Math.max(1, devices.length)),
    logLevel: read('LOG_LEVEL'),
  };
  check();
  if (painters) return config;
  throw new EaselError(
    'Say which bot to paint for: easel paint --queue redis://host:6379, or PAINTERS with the same address as the bot.',
  );
}

/** What the flags of `easel serve` say instead of the environment. */
export interface ServeFlags {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly model?: string | undefined;
  readonly models?: string | undefined;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
}

/** AUTOMATIC1111's, which front ends ask at first. */
const USUAL_API_PORT = '7860';

/** What `easel serve` reads: all but what is about Discord. @throws EaselError as {@link loadConfig}. */
export function loadServeConfig(flags: ServeFlags, env: NodeJS.ProcessEnv = process.env): Config {
  const { port, host, model, models, device, threads } = flags;
  return loadConfig({
    ...env,
    ...NOT_SERVED,
    LOG_LEVEL: env.LOG_LEVEL || 'warn',
    API_PORT: env.API_PORT?.trim() || USUAL_API_PORT,
    ...texts({ API_PORT: port, API_HOST: host, MODEL: model, MODELS_DIR: models, DEVICE: device, THREADS: threads }),
  });
}

/** Flags that were given, as variables have them. */
function texts(flags: Readonly<Partial<Record<Name, string | number | undefined>>>): Record<string, string> {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** What a bot has and `easel serve` has not, so that a bot's `.env` does for both. */
const NOT_SERVED = { DISCORD_TOKEN: 'not.a.bot', PAINTERS: '', DATABASE_URL: '', STANDBY: '' };

/** MODELS_DIR, if it is set: the command line looks there, too. */
export function ownModelsDir(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const own = env.MODELS_DIR?.trim();
  return own ? resolve(own) : undefined;
}

/** Reads variables one by one, and afterwards says of all that are wrong. */
function reader(env: NodeJS.ProcessEnv) {
  const wrong: string[] = [];
  const read = <N extends Name>(name: N): Value<N> => {
    const { check, allowed, secret }: Variable<unknown> = VARIABLES[name];
    const raw = env[name]?.trim() || undefined;
    const parsed = check.safeParse(raw);
    if (parsed.success) return parsed.data as Value<N>;
    const got = raw === undefined ? 'is not set' : secret ? 'is not valid' : `is ${JSON.stringify(raw)}`;
    wrong.push(`${name} ${got}. Set it to ${allowed}.`);
    return undefined as Value<N>;
  };
  const check = () => {
    if (wrong.length > 0) throw new EaselError(wrong.join('\n'));
  };
  return { read, check, wrong };
}
