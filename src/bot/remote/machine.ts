import type { Logger } from 'pino';
import { z } from 'zod';
import { EaselError } from '../../engine/errors.js';
import { parsed } from '../storage/parsed.js';
import { KeptOutcomes } from './kept-outcomes.js';
import { CHANNELS, jobOf, KEYS } from './keys.js';
import { Link, type LinkOptions } from './link.js';
import { bring } from './pictures.js';
import { type LocalPainter, newRun, Slot } from './slot.js';
import { TIMES } from './times.js';
import { build, type FitOfSides, order, type Told } from './wire.js';

export interface MachineOptions extends Partial<Omit<LinkOptions, 'log' | 'waits'>> {
  readonly url: string;
  /** One for each job that is painted at the same time, by the name that each would like: "attic cuda:0". */
  readonly painters: readonly LocalPainter[];
  readonly fit: FitOfSides;
  /** SHA-256 by name. */
  readonly models: ReadonlyMap<string, string>;
  /** For outcomes that Redis could not take. */
  readonly dataDir: string;
  readonly log: Logger;
}

/** Most painters on machines of one name. */
const MOST_OF_A_NAME = 1000;

const ofRun = z.object({ run: z.string() });

/** A machine that paints for a bot on another one. */
export class Machine {
  /**
   * Resolves when another machine has a name of this one, which was frozen or cut off meanwhile; this must then be closed. The bot
   * would take the two for one painter that starts again and again, and hand it ever more jobs.
   */
  readonly lost: Promise<EaselError>;
  #lose!: (why: EaselError) => void;
  #isLost = false;
  readonly #slots: Slot[] = [];
  readonly #run = newRun();
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | null = null;
  /** What the bot is, if it does not fit. */
  #unfit = '';

  private constructor(
    private readonly link: Link,
    private readonly options: MachineOptions,
    private readonly kept: KeptOutcomes,
    private readonly times = { ...TIMES, ...options.times },
  ) {
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  /** @throws EaselError if Redis refuses this machine; while it does not answer, it is asked again. */
  static async open(options: MachineOptions): Promise<Machine> {
    const { log } = options;
    const times = options.times ?? TIMES;
    const kept = await KeptOutcomes.open(options.dataDir);
    const link = await Link.open(options.url, {
      log,
      times,
      waits: true,
      ...(options.ca !== undefined && { ca: options.ca }),
    });
    const machine = new Machine(link, options, kept);
    await machine.#begin();
    return machine;
  }

  get names(): string[] {
    return this.#slots.map(({ name }) => name);
  }

  /** Gives back what is being painted, and ends. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#slots.map((slot) => slot.close()));
    if (!this.#isLost) await this.#leave();
    await this.link.close();
  }

  async #leave(): Promise<void> {
    const left = this.link.redis.del(this.#slots.map(({ name }) => KEYS.slot(name)));
    await this.link.ask(left).catch(() => {});
    for (const { name } of this.#slots) await this.#tell({ kind: 'left', name }).catch(() => {});
  }

  async #begin(): Promise<void> {
    const { link, times } = this;
    const { painters, log, models } = this.options;
    const warnings = await link.warnings().catch(() => []);
    for (const warning of warnings) log.warn({ redis: link.where }, `Redis may lose jobs: ${warning}`);
    // First, or what is painted already would be painted again.
    await this.#bringKept();
    const parts = { run: this.#run, fit: this.options.fit, models, link, times, kept: this.kept, log };
    for (const painter of painters) {
      const name = await this.#claim(painter.name);
      this.#slots.push(new Slot(painter, { ...parts, name, changed: (slot) => void this.#announce([slot]) }));
    }
    await link.listen(CHANNELS.orders, (text) => {
      const given = parsed(order, text);
      if (given) for (const slot of this.#slots) slot.cancel(given.cancel);
    });
    link.onReady(() => void this.#beat());
    await this.#beat();
    this.#timer = setInterval(() => void this.#beat(), times.announced / 3);
  }

  /** The name itself, or with a number if another painter that lives has it. */
  async #claim(wanted: string): Promise<string> {
    const { redis } = this.link;
    for (let number = 1; number < MOST_OF_A_NAME; number++) {
      const name = number === 1 ? wanted : `${wanted} #${number}`;
      const taken = redis.set(KEYS.slot(name), '', {
        condition: 'NX',
        expiration: { type: 'PX', value: this.times.announced },
      });
      // While Redis is away, nobody can say.
      if ((await taken) !== null) return name;
    }
    throw new Error(`There are ${MOST_OF_A_NAME} painters called ${wanted}.`);
  }

  async #beat(): Promise<void> {
    try {
      await this.#announce(this.#slots);
      await this.link.ask(this.link.redis.sAdd(KEYS.queues, this.names));
      await this.#lookAtBot();
    } catch {
      // The link says so.
    }
  }

  async #announce(slots: readonly Slot[]): Promise<void> {
    await this.#lookForOthers(slots).catch(() => {});
    if (this.#isLost) return;
    const all = this.link.redis.multi();
    for (const { announcement } of slots) {
      all.set(KEYS.slot(announcement.name), JSON.stringify(announcement), {
        expiration: { type: 'PX', value: this.times.announced },
      });
      const message: Told = { kind: 'announced', painter: announcement };
      all.publish(CHANNELS.told, JSON.stringify(message));
    }
    await this.link.ask(all.exec()).catch(() => {});
  }

  /** Once an announcement is forgotten, its name is free for another machine. */
  async #lookForOthers(slots: readonly Slot[]): Promise<void> {
    const texts = await this.link.ask(this.link.redis.mGet(slots.map(({ name }) => KEYS.slot(name))));
    const taken = texts.findIndex((text) => (parsed(ofRun, text)?.run ?? this.#run) !== this.#run);
    if (taken === -1) return;
    this.#isLost = true;
    this.#lose(
      new EaselError(
        `Another painter is called ${slots[taken]!.name} now, because this one was frozen or cut off. Start it again: it gets another name.`,
      ),
    );
  }

  /** Says if the bot would refuse these painters. */
  async #lookAtBot(): Promise<void> {
    const text = await this.link.ask(this.link.redis.get(KEYS.bot));
    const bot = parsed(build, text);
    const { version, schema } = this.options.fit;
    const unfit = text !== null && (bot?.version !== version || bot.schema !== schema);
    const what = unfit ? (bot?.version ?? 'of another version') : '';
    if (what === this.#unfit) return;
    this.#unfit = what;
    if (unfit) {
      this.options.log.error(
        `The bot is Easel ${what} and this painter ${version}${what === version ? ', of another build' : ''}: it gets no jobs until both are the same.`,
      );
    }
  }

  /** What could not be brought before the last end. */
  async #bringKept(): Promise<void> {
    for (const attempt of await this.kept.list()) {
      const brought = await this.kept.load(attempt, this.options.painters[0]?.name ?? '');
      try {
        if (brought) await bring(this.link, this.times, jobOf(attempt).id, attempt, brought);
        await this.kept.remove(attempt);
        await this.#tell({ kind: 'ended', attempt });
      } catch (err) {
        this.options.log.warn({ attempt, err }, 'a kept outcome could not be brought; the next start tries again');
      }
    }
  }

  async #tell(message: Told): Promise<void> {
    await this.link.ask(this.link.redis.publish(CHANNELS.told, JSON.stringify(message)));
  }
}
