import type { OnNotice } from '../meaning.js';
import type { Networks, NoiseOptions, Posterior, Room, Tensor } from '../networks.js';
import { Serial } from '../serial.js';
import type { Tile } from '../tile.js';
import { Recent } from './recent.js';

/** A call of `predictNoise` that waits for its run. */
interface Asked {
  /** Of everything that must be alike within a run. */
  readonly kind: string;
  readonly latents: Tensor;
  readonly timesteps: Float32Array;
  readonly context: Tensor;
  readonly options: NoiseOptions;
  resolve(noise: Tensor): void;
  reject(error: unknown): void;
}

/** Joined contexts that are kept: two kinds of runs may take turns. */
const CONTEXTS = 2;

/**
 * Networks that several requests use at the same time. Whatever they ask of the noise predictor while it is busy becomes
 * one run, as far as rows are of the same shape and options; otherwise one call runs after another, oldest first. So a
 * request joins between two steps, nobody waits for one that is being decoded, and no stream of runs keeps a call
 * waiting for ever.
 *
 * Invariant: a result does not depend on its company. Rows do not see each other in the network, and when a run of
 * several requests fails, each runs again by itself, so that only those fail that would have failed alone.
 */
export class BatchedNetworks implements Networks {
  readonly #networks: Networks;
  readonly #calls = new Serial();
  #asked: Asked[] = [];
  /** Networks keep what they compute of a context, so runs of the same requests get the same one. */
  readonly #contexts = new Recent<Tensor>(CONTEXTS);
  /** Contexts are numbered, and a run's rows sorted by them: the same requests always have one order. */
  readonly #numbers = new WeakMap<Tensor, number>();
  #count = 0;
  #apart = 0;
  /** Rows of a run; less once a run has failed although each of its requests alone did not: memory is short. */
  #most = Number.POSITIVE_INFINITY;
  readonly embedImage?: (pixels: Tensor) => Promise<Tensor>;
  readonly room: Room | undefined;

  /** @param networks whose noise predictor takes any number of rows, each with its own timestep, in float. */
  constructor(networks: Networks) {
    this.#networks = networks;
    const { embedImage, room } = networks;
    this.room = room;
    if (embedImage) this.embedImage = (pixels) => this.#calls.run(() => embedImage(pixels));
  }

  predictNoise(latents: Tensor, timesteps: Float32Array, context: Tensor, options: NoiseOptions = {}): Promise<Tensor> {
    if (!this.#numbers.has(context)) this.#numbers.set(context, this.#count++);
    const { guidance: _, guided: __, residuals, ...alike } = options;
    // What ControlNets found belongs to one request.
    const apart = residuals && this.#apart++;
    const kind = JSON.stringify([latents.shape.slice(1), context.shape.slice(1), alike, apart]);
    return new Promise((resolve, reject) => {
      this.#asked.push({ kind, latents, timesteps, context, options, resolve, reject });
      if (this.#asked.length === 1) this.#plan();
    });
  }

  encodeText(ids: Int32Array, rows: number, clipSkip?: number): Promise<Tensor> {
    return this.#calls.run(() => this.#networks.encodeText(ids, rows, clipSkip));
  }

  encodeImage(pictures: Tensor, tile?: Tile): Promise<Posterior> {
    return this.#calls.run(() => this.#networks.encodeImage(pictures, tile));
  }

  decodeLatents(latents: Tensor, tile?: Tile): Promise<Tensor> {
    return this.#calls.run(() => this.#networks.decodeLatents(latents, tile));
  }

  load(network: 'text' | 'unet' | 'decoder'): Promise<void> {
    return this.#calls.run(() => this.#networks.load(network));
  }

  releasePainter(): Promise<void> {
    return this.#calls.run(() => this.#networks.releasePainter());
  }

  takeNotices(): Parameters<OnNotice>[] {
    return this.#networks.takeNotices();
  }

  close(): Promise<void> {
    return this.#calls.run(() => this.#networks.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Lines up a run: there is one in line as long as anybody waits for one. */
  #plan(): void {
    void this.#calls.run(async () => {
      // Whoever was in the last run has asked again within this turn of the event loop; messages are read after it.
      await new Promise(setImmediate);
      const run = this.#taken();
      if (this.#asked.length > 0) this.#plan();
      if (run.length > 1 && (await this.#together(run))) return;
      const ended = [];
      for (const one of run) ended.push(await this.#alone(one));
      if (run.length > 1 && ended.every(Boolean)) this.#most = Math.floor(rowsOf(run) / 2);
    });
  }

  /** Takes whoever has waited for longest, and as many others like it as fit. */
  #taken(): Asked[] {
    const run: Asked[] = [];
    const [first] = this.#asked;
    this.#asked = this.#asked.filter((one) => {
      const joins = one === first || (one.kind === first!.kind && this.#fit([...run, one]));
      if (joins) run.push(one);
      return !joins;
    });
    return run;
  }

  #fit(run: readonly Asked[]): boolean {
    const shape = [rowsOf(run), ...run[0]!.latents.shape.slice(1)];
    return shape[0]! <= this.#most && this.room?.takes(shape) !== false;
  }

  /** @returns whether it succeeded. */
  #alone({ latents, timesteps, context, options, resolve, reject }: Asked): Promise<boolean> {
    return this.#networks.predictNoise(latents, timesteps, context, options).then(
      (noise) => {
        resolve(noise);
        return true;
      },
      (error) => {
        reject(error);
        return false;
      },
    );
  }

  /** @returns false if it failed. */
  async #together(run: Asked[]): Promise<boolean> {
    const number = ({ context }: Asked) => this.#numbers.get(context)!;
    run.sort((a, b) => number(a) - number(b));
    try {
      const context = await this.#contexts.get(run.map(number).join(), async () => stacked(run, (one) => one.context));
      const latents = stacked(run, (one) => one.latents);
      const timesteps = Float32Array.from(run.flatMap((one) => [...one.timesteps]));
      const guidance = run.flatMap((one) => scalesOf(one));
      const { data, shape } = await this.#networks.predictNoise(latents, timesteps, context, {
        ...run[0]!.options,
        ...(guidance.length > 0 && { guidance }),
      });
      let at = 0;
      for (const { latents, resolve } of run) {
        const rows = latents.shape[0]!;
        const size = (data.length / shape[0]!) * rows;
        resolve({ data: data.slice(at, at + size), shape: [rows, ...shape.slice(1)] });
        at += size;
      }
      return true;
    } catch {
      return false;
    }
  }
}

/** All rows, in order. */
function stacked(run: readonly Asked[], part: (one: Asked) => Tensor): Tensor {
  const tensors = run.map(part);
  const data = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let at = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, at);
    at += tensor.data.length;
  }
  return { data, shape: [rowsOf(run), ...tensors[0]!.shape.slice(1)] };
}

function rowsOf(run: readonly Asked[]): number {
  return run.reduce((sum, { latents }) => sum + latents.shape[0]!, 0);
}

function scalesOf({ latents, options: { guidance } }: Asked): readonly number[] {
  if (typeof guidance === 'number') return Array<number>(latents.shape[0]!).fill(guidance);
  return guidance ?? [];
}
