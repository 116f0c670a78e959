import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { CONTROL_KINDS } from '../../engine/checkpoint/controlnets.js';
import { Company } from '../../engine/company.js';
import type { Pixels } from '../../engine/image/pixels.js';
import { Serial } from '../../engine/serial.js';
import { controlPath } from '../models/model-path.js';
import { upscalerPath } from '../models/upscalers.js';
import { type PaintRequest, upscalerOf } from '../request/paint-request.js';
import type { JobPainter, PaintCall } from './job-painter.js';
import type { ControlPicture, OpenedModel, Painted } from './messages.js';
import { type ProcessConfig, Processes, type Running } from './processes.js';

type PainterConfig = ProcessConfig & Pick<Config, 'painterMemory'>;

export interface PainterTimes {
  /**
   * Milliseconds without a step after which the painter counts as hung: longer than the slowest machine's longest step.
   */
  silence: number;
  /**
   * Milliseconds before a painter that died is started again; doubled for each death without a painted picture in
   * between.
   */
  backOff: number;
}

const TIMES: PainterTimes = { silence: 15 * 60_000, backOff: 1000 };
const LONGEST_BACK_OFF = 60_000;

/**
 * Owns a painter process, which holds one model. It is started when first needed, and again if it dies. It is replaced
 * when another model is requested, by one that was prepared if there is memory for both, or when its memory has grown
 * beyond the limit: native sessions leak (onnxruntime issue 25325).
 *
 * Invariant: the process has jobs of one model at a time. Its callers see to it that they are no more than its batch.
 */
export class Painter implements JobPainter {
  readonly name: string;
  readonly host = hostname();
  readonly #processes: Processes;
  readonly #company = new Company(Number.POSITIVE_INFINITY);
  readonly #starts = new Serial();
  #deaths = 0;
  #notBefore = 0;
  #restarts = 0;
  readonly #times: PainterTimes;

  constructor(
    private readonly config: PainterConfig,
    private readonly log: Logger,
    times: Partial<PainterTimes> = {},
    free?: () => number,
    name = 'painter 1',
  ) {
    this.name = name;
    this.#processes = new Processes(config, log, free);
    this.#times = { ...TIMES, ...times };
  }

  /**
   * @throws RequestError for its author; PainterDied; the signal's reason; Error for the operator: a broken model, a
   * full disk, a missing device, a bug.
   */
  paint(request: PaintRequest, call: PaintCall = {}): Promise<Painted> {
    const { alone, signal } = call;
    return this.#company.run(() => this.#paint(request, call), { kind: alone ? null : request.model, signal });
  }

  async #paint(
    request: PaintRequest,
    { locale = 'en-US', pictures, signal, onBegun, onProgress }: PaintCall,
  ): Promise<Painted> {
    const running = await this.#starts.run(() => this.#childFor(request.model, signal), signal);
    const child = running.process;
    const { silence } = this.#times;
    running.jobs++;
    try {
      const { sizeStep, batch } = await child.call<OpenedModel>({ type: 'open' }, { signal, silence });
      running.batch = batch;
      onBegun?.();
      const { source, others, control: image } = (await pictures?.(sizeStep)) ?? {};
      const control = image && (await this.#controlOf(request, image));
      const painted = await child.call<Painted>(
        { type: 'paint', request, locale, source, others, control, ...(await this.#upscalerOf(request)) },
        { signal, onProgress, silence },
      );
      this.#deaths = 0;
      return painted;
    } finally {
      running.jobs--;
      if (!child.alive) this.#died(running);
      else if (running.jobs === 0 && this.#isTooLarge(running)) await this.#outgrown(running);
    }
  }

  /**
   * Opens a model in the background, beside the one that paints if there is memory for both, so that a job for it starts at
   * once. It delays no job that comes earlier.
   */
  prepare(model: string): void {
    if (performance.now() >= this.#notBefore) void this.#processes.prepare(model);
  }

  /** How often the painter was replaced because it had died or grown too large. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The model in its process. */
  get model(): string | null {
    const running = this.#processes.current;
    return running?.process.alive ? running.model : null;
  }

  /** Pictures that may be painted at the same time. 1 before it has opened its model, and when it is to be replaced. */
  get batch(): number {
    const running = this.#processes.current;
    return running?.process.alive && !this.#isTooLarge(running) ? running.batch : 1;
  }

  /** The painter process's id; undefined while there is none. */
  get pid(): number | undefined {
    return this.#processes.current?.process.pid;
  }

  /** Ends its processes; a job in them fails with PainterDied. */
  close(): Promise<void> {
    return this.#processes.close();
  }

  async #controlOf({ control }: PaintRequest, image: Pixels): Promise<ControlPicture> {
    const { kind, net } = control!;
    const { preprocessor } = CONTROL_KINDS[kind];
    return { net: await controlPath(this.config.modelsDir, net), image, preprocessor };
  }

  async #upscalerOf(request: PaintRequest): Promise<{ upscaler?: string }> {
    const upscaler = upscalerOf(request);
    return upscaler === undefined ? {} : { upscaler: await upscalerPath(this.config.modelsDir, upscaler) };
  }

  async #childFor(model: string, signal?: AbortSignal): Promise<Running> {
    const { current } = this.#processes;
    if (current && !current.process.alive) this.#died(current);
    const wait = this.#notBefore - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    return this.#processes.take(model);
  }

  /** A process dies once, however many jobs were in it. */
  #died(running: Running): void {
    if (this.#processes.current !== running) return;
    void this.#processes.drop();
    this.#restarts++;
    const wait = Math.min(this.#times.backOff * 2 ** this.#deaths++, LONGEST_BACK_OFF);
    this.#notBefore = performance.now() + wait;
    this.log.error(
      { painter: this.name, deaths: this.#deaths, wait },
      'the painter died; it is started again for the next picture',
    );
  }

  #isTooLarge({ process }: Running): boolean {
    return process.memory > this.config.painterMemory;
  }

  async #outgrown({ process }: Running): Promise<void> {
    this.#restarts++;
    this.log.warn(
      { painter: this.name, memory: process.memory, limit: this.config.painterMemory },
      'the painter uses too much memory; restarting it',
    );
    await this.#processes.drop();
  }
}
