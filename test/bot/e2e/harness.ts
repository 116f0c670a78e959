import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttachmentFlags } from 'discord.js';
import pino, { type Logger } from 'pino';
import sharp from 'sharp';
import { expect } from 'vitest';
import * as commands from '../../../commands/table.js';
import { type Bot, startBot } from '../../../src/bot/bot.js';
import type { Painter } from '../../../src/bot/painter/painter.js';
import type { Jobs } from '../../../src/bot/queue/jobs.js';
import type { Job, JobProgress } from '../../../src/bot/request/job.js';
import { loadConfig } from '../../../src/config.js';
import type { LocalDiscordOptions } from '../../../src/discord/local-discord.js';
import type { Exchange } from '../../../src/discord/rest/services.js';
import type { Application, Channel, Guild, Message, User } from '../../../src/discord/things.js';
import type { ReadParameters } from '../../../src/engine/image/metadata/parameters.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { DrivenDiscord } from '../../discord/drive/driven-discord.js';
import type { File } from '../../discord/drive/driven-user.js';
import { violations } from '../../discord/openapi.js';

export const QUICK = { steps: 2, count: 1, seed: 7 } as const;

/** What an attachment behind a spoiler has: Discord's flag, and no name that would stay with the file. */
export const VEILED = { flags: AttachmentFlags.IsSpoiler, filename: expect.not.stringMatching(/^SPOILER_/) };

/** A line that the bot logged at `warn` or above. */
export interface LogLine {
  level: string;
  msg: string;
  err?: { message: string; stack: string; code?: string };
}

/**
 * The whole product except its page: a local Discord, and the real bot with painter process, embedded model and SQLite.
 */
export class Studio {
  readonly alice: User;
  readonly bob: User;
  readonly application: Application;
  readonly guild: Guild;
  readonly general: Channel;
  readonly log: LogLine[] = [];
  bot!: Bot;

  private constructor(
    readonly discord: DrivenDiscord,
    readonly dataDir: string,
    private readonly env: NodeJS.ProcessEnv,
    /** Violations of Discord's own OpenAPI document in the exchanges. */
    readonly against: readonly string[],
  ) {
    this.application = discord.createApplication('easel');
    this.alice = discord.createUser('alice');
    this.bob = discord.createUser('bob');
    this.guild = discord.createGuild('studio', this.alice);
    discord.join(this.guild, this.bob);
    discord.install(this.application, this.guild);
    this.general = discord.createChannel(this.guild, 'general');
  }

  /** @param env on top of the defaults. */
  static async start(env: NodeJS.ProcessEnv = {}, options: LocalDiscordOptions = {}): Promise<Studio> {
    const studio = await Studio.withoutBot(env, options);
    await studio.startBot();
    return studio;
  }

  static async withoutBot(env: NodeJS.ProcessEnv = {}, options: LocalDiscordOptions = {}): Promise<Studio> {
    const against: string[] = [];
    const onExchange = (exchange: Exchange) => void against.push(...violations(exchange));
    const discord = await DrivenDiscord.start({ onExchange, ...options });
    return new Studio(discord, mkdtempSync(join(tmpdir(), 'easel-e2e-')), env, against);
  }

  /** What the bot is started with, in this process or in another. */
  get environment(): NodeJS.ProcessEnv {
    const { token } = this.application;
    const there = { DISCORD_TOKEN: token, DISCORD_API_URL: this.discord.apiUrl, DATA_DIR: this.dataDir };
    const { EASEL_CACHE } = process.env;
    return { THREADS: '1', HEALTH_PORT: '0', LOG_LEVEL: 'warn', EASEL_CACHE, ...there, ...this.env };
  }

  async startBot(): Promise<void> {
    this.bot = await startBot(loadConfig(this.environment), this.#logger(), commands);
  }

  async restart(): Promise<void> {
    await this.bot.stop();
    await this.startBot();
  }

  async stop(): Promise<void> {
    await this.bot?.stop();
    await this.discord.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
    expect(this.against).toEqual([]);
  }

  /** The painters on this machine. */
  get painters(): readonly Painter[] {
    return this.bot.app.painters.all as readonly Painter[];
  }

  /**
   * Does something while the painters stand still, from the next step that one reports on: what is shown in the middle of a job
   * stays there to be looked at, however quick the machine is.
   *
   * @param when whether it is such a step.
   */
  async inTheMiddle<T>(act: () => Promise<T>, when: (of: JobProgress) => boolean = () => true): Promise<T> {
    const { events } = this.bot.app.jobs as Jobs;
    const stopped: Painter[] = [];
    const stop = (_: Job, progress: JobProgress) => {
      if (!when(progress)) return;
      events.off('progress', stop);
      for (const painter of this.painters) if (signal(painter, 'SIGSTOP')) stopped.push(painter);
    };
    events.on('progress', stop);
    try {
      return await act();
    } finally {
      events.off('progress', stop);
      for (const painter of stopped) signal(painter, 'SIGCONT');
    }
  }

  channel(name: string, settings: Partial<Channel> = {}): Channel {
    return this.discord.createChannel(this.guild, name, settings);
  }

  /** Runs /imagine and waits for the pictures. */
  async imagine(user: User, channel: Channel, values: Record<string, string | number | boolean | File> = {}) {
    const { message } = await this.discord
      .as(user)
      .run(channel, 'imagine', { prompt: 'a red apple', ...QUICK, ...values });
    return this.finished(message);
  }

  /** The message once it shows its result: pictures and their buttons. */
  finished(message: Pick<Message, 'channel_id' | 'id'>, timeout?: number): Promise<Message> {
    return this.discord.until(() => {
      const now = this.discord.message(message);
      return this.isResult(now) && now;
    }, timeout);
  }

  /** The parameters in a result's metadata. */
  async made(message: Message): Promise<ReadParameters> {
    return (await readMetadata(this.discord.file(message)))!;
  }

  isResult(message: Message): boolean {
    return message.attachments.length > 0 && this.discord.as(this.alice).labels(message).includes('🗑️');
  }

  results(channel: Channel, user = this.alice): Message[] {
    return this.discord.messagesIn(channel, user).filter((message) => this.isResult(message));
  }

  /** Resolves when nothing waits, runs or is still to be delivered. */
  async idle(timeout = 60_000): Promise<void> {
    const jobs = this.bot.app.jobs as Jobs;
    await expect.poll(() => jobs.list().length + jobs.undelivered, { timeout }).toBe(0);
  }

  /** How many results of a user are in the store. */
  async records(user = this.alice): Promise<number> {
    let count = 0;
    for await (const _ of this.bot.app.results.ofUser(user.id)) count++;
    return count;
  }

  #logger(): Logger {
    const write = (line: string) => {
      const told: LogLine = JSON.parse(line);
      // Logged at every start here, correctly.
      if (told.msg !== 'DISCORD_API_URL is not Discord') this.log.push(told);
    };
    return pino({ level: 'warn', formatters: { level: (level) => ({ level }) } }, { write });
  }
}

/** @returns whether there was a process to get it. */
function signal({ pid }: Painter, name: NodeJS.Signals): boolean {
  try {
    return pid !== undefined && process.kill(pid, name);
  } catch {
    return false;
  }
}

/** RGB bytes, at a size of one's choosing. */
export function pixels(file: Uint8Array, width = 32, height = 32): Promise<Buffer> {
  return sharp(file).removeAlpha().resize(width, height, { fit: 'fill' }).raw().toBuffer();
}

/** Mean absolute difference of two pictures' bytes, 0 to 255, both brought to one small size. */
export async function difference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([pixels(one), pixels(other)]);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** The pictures of a grid of two columns: two pixels of gap around each. */
export async function piecesOf(grid: Uint8Array, count: number): Promise<Buffer[]> {
  const { width, height } = await sharp(grid).metadata();
  const [columns, rows] = [2, Math.ceil(count / 2)];
  const [w, h] = [(width - 2) / columns - 2, (height - 2) / rows - 2];
  return Promise.all(
    Array.from({ length: count }, (_, k) => {
      const place = { left: 2 + (k % 2) * (w + 2), top: 2 + Math.floor(k / 2) * (h + 2), width: w, height: h };
      return sharp(grid).extract(place).png().toBuffer();
    }),
  );
}
