import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { freeMemory } from '../../engine/runtime/free-memory.js';
import type { Device } from '../../engine/runtime/provider.js';
import type { Painters } from './job-painter.js';
import { Painter } from './painter.js';
import type { ProcessConfig } from './processes.js';

type LocalConfig = Omit<ProcessConfig, 'device'> & Pick<Config, 'devices' | 'painterMemory'>;

/** Painter processes on the bot's own machine. Each is started again when it dies, so all of them always live. */
export class LocalPainters implements Painters {
  readonly problem = null;
  #all: readonly Painter[];

  /** @param free bytes of memory, before any of them has opened a model. */
  constructor(
    all: readonly Painter[],
    private readonly log?: Pick<Logger, 'warn'>,
    private readonly free = Number.POSITIVE_INFINITY,
  ) {
    this.#all = all;
  }

  /** One for each device. @param nameOf what each is called. */
  static start(
    config: LocalConfig,
    log: Logger,
    free = freeMemory(),
    nameOf = (_: Device, k: number) => `painter ${k + 1}`,
  ): LocalPainters {
    const { devices } = config;
    const threads = threadsOfEach(devices, config.threads);
    const painters = devices.map(
      (device, k) => new Painter({ ...config, device, threads }, log, {}, undefined, nameOf(device, k)),
    );
    return new LocalPainters(painters, log, free);
  }

  get all(): readonly Painter[] {
    return this.#all;
  }

  onChange(): void {}

  /** Opens a model in each. */
  prepare(model: string): void {
    for (const painter of this.all) painter.prepare(model);
  }

  /** Keeps as many as there is memory for, at least one. To be called before the queue has them. @param bytes that one takes. */
  async keepThoseThatFit(bytes: number): Promise<void> {
    const fit = Math.max(1, Math.floor(this.free / bytes));
    const surplus = this.#all.slice(fit);
    if (surplus.length === 0) return;
    this.log?.warn(
      { painters: this.#all.length, fit, bytesOfEach: bytes, free: this.free },
      'there is not enough memory for this many painters; fewer are started',
    );
    this.#all = this.#all.slice(0, fit);
    await Promise.all(surplus.map((painter) => painter.close()));
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((painter) => painter.close()));
  }
}

/** Painters that may run on the processor share its threads. @returns undefined for as many as there are cores. */
export function threadsOfEach(
  devices: readonly Device[],
  threads: number | undefined,
  cores = availableParallelism(),
): number | undefined {
  const sharing = devices.filter((device) => device === 'cpu' || device === 'auto').length;
  return sharing > 1 ? Math.max(1, Math.floor((threads ?? cores) / sharing)) : threads;
}
