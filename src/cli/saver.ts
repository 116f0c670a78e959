import { encodePng } from '../engine/image/encode.js';
import { grid } from '../engine/image/grid.js';
import type { GenerationParameters } from '../engine/image/metadata/parameters.js';
import type { Pixels } from '../engine/image/pixels.js';
import { MIN_WATERMARK_PIXELS, watermark } from '../engine/image/watermark.js';
import type { Picture } from '../engine/pipeline/picture.js';
import { Outdir } from './outdir.js';
import type { Report } from './report.js';

interface SaveArguments {
  outdir: string;
  skip_grid?: boolean;
  skip_save?: boolean;
  n_rows: number;
  n_samples: number;
  seed: number;
  rng: 'cpu' | 'cuda';
}

interface SaveOptions {
  /** Whether txt2img's invisible watermark is put in. */
  watermark: boolean;
  /** The picture that they are painted from, where a command takes several; the command says when all are done. */
  from?: string;
}

/** Writes a run's pictures as they are finished, and the grid at the end, like the reference scripts. */
export class Saver {
  /** For the grid; empty if none is wanted, because a run can have more pictures than fit in memory. */
  readonly #shown: Pixels[] = [];
  #first: GenerationParameters | undefined;
  readonly #rng: 'CPU' | 'GPU';
  #batches = 0;
  #toldSmall = false;

  private constructor(
    private readonly args: SaveArguments,
    private readonly outdir: Outdir,
    private readonly how: SaveOptions,
    private readonly report: Report,
  ) {
    this.#rng = args.rng === 'cuda' ? 'GPU' : 'CPU';
  }

  static async open(args: SaveArguments, how: SaveOptions, report: Report): Promise<Saver> {
    return new Saver(args, await Outdir.open(args.outdir), how, report);
  }

  async add(pictures: readonly Omit<Picture, 'latents'>[]): Promise<void> {
    const { from } = this.how;
    for (const [row, picture] of pictures.entries()) {
      this.#first ??= picture.parameters;
      if (!this.args.skip_grid) this.#shown.push(picture.pixels);
      if (this.args.skip_save) continue;
      const parameters = { ...picture.parameters, ...this.#origin(picture, row, pictures.length), rng: this.#rng };
      const path = await this.outdir.addSample(await encodePng(this.#marked(picture.pixels), parameters));
      if (from !== undefined) this.report.say(`${from}: ${path}`);
      this.report.event({ event: 'picture', from, path, flagged: picture.flagged, ...parameters });
    }
    this.#batches++;
  }

  /** Writes the grid and says where everything is. @param layOut how the grid is made, if not as the scripts do. */
  async finish(layOut?: (pictures: readonly Pixels[]) => Promise<Pixels>): Promise<void> {
    const { skip_grid, n_rows, n_samples, outdir, seed } = this.args;
    const { from } = this.how;
    if (!skip_grid) {
      const laid = layOut ? await layOut(this.#shown) : grid(this.#shown, n_rows || n_samples);
      const parameters = { ...this.#first!, seed: this.#first!.seed ?? seed, rng: this.#rng };
      const path = await this.outdir.addGrid(await encodePng(this.#marked(laid), parameters));
      if (from !== undefined) this.report.say(`${from}: ${path}`);
      this.report.event({ event: 'grid', from, path });
    }
    // Of several pictures to paint from, each says where its own are.
    if (from !== undefined) return;
    this.report.say(`Your samples are ready and waiting for you here: \n${outdir} \n \nEnjoy.`);
    this.report.event({ event: 'done', outdir });
  }

  /**
   * One random generator serves the whole run, so the seed alone only reproduces the run's first picture. The others
   * get a `Run seed` instead of a `Seed`, from which a reader would repeat the first one's noise. Pictures that have a seed of
   * their own keep it.
   */
  #origin(picture: Pick<Picture, 'seed'>, row: number, size: number): Partial<GenerationParameters> {
    const { seed } = this.args;
    const alone = this.#batches === 0 && row === 0;
    const own = picture.seed !== null ? { seed: picture.seed } : alone ? { seed } : { runSeed: seed };
    return { ...own, batchNumber: this.#batches, batchSize: size, batchPosition: row };
  }

  #marked(pixels: Pixels): Pixels {
    if (!this.how.watermark) return pixels;
    if (pixels.width * pixels.height >= MIN_WATERMARK_PIXELS) return watermark(pixels);
    if (!this.#toldSmall) {
      this.report.notice(
        "Pictures under 256x256 pixels are too small for the invisible watermark that CompVis's script adds, so they have none.",
      );
      this.#toldSmall = true;
    }
    return pixels;
  }
}
