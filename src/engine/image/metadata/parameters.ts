/** A ControlNet that steered a picture, without the picture that it was given. */
export interface ControlParameters {
  /** What made its picture of another: the ControlNet extension's name of it, such as `canny`. */
  readonly module: string;
  /** Its name, and a short hash in square brackets. */
  readonly model: string;
  readonly weight: number;
  /** The module's. */
  readonly thresholds?: readonly [number, number] | undefined;
  /** The part of the steps in which it counted, 0..1. */
  readonly start: number;
  readonly end: number;
  readonly guess: boolean;
}

/** What is needed to paint a picture again. */
export interface GenerationParameters {
  readonly prompt: string;
  readonly negative?: string;
  readonly steps: number;
  readonly sampler: string;
  /** Spacing of the noise levels, AUTOMATIC1111's name: Uniform, ...; Karras and others that Easel has end the sampler's name instead. */
  readonly scheduleType?: string;
  /** Where the schedule was chosen one by one: falling, with spaces between. `scheduleType` is then Custom. */
  readonly timesteps?: string;
  readonly sigmas?: string;
  readonly scale: number;
  readonly guidanceRescale?: number;
  /** Of a model that edits pictures. */
  readonly imageScale?: number;
  /** What this picture alone can be painted from. */
  readonly seed?: number;
  /** Seed of a generator that many pictures were drawn from, one batch after another; then there is no {@link seed}. */
  readonly runSeed?: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly modelHash?: string;
  readonly model?: string;
  /** From 0: which of a run's batches it is of. */
  readonly batchNumber?: number;
  readonly batchSize?: number;
  /** From 0: which of the batch's pictures this is. */
  readonly batchPosition?: number;
  /** Whose noise was mixed into the seed's, and how much of it: 0..1. */
  readonly variationSeed?: number;
  readonly variationStrength?: number;
  readonly strength?: number;
  /** How much each of several pictures counted that it started from: `60% + 40%`. */
  readonly blend?: string;
  /** What was typed, where the prompt was made of it: `a __color__ car`. sd-dynamic-prompts' name. */
  readonly template?: string;
  /** What the masked part of a picture began as, in AUTOMATIC1111's words, where it was not the picture itself. */
  readonly maskedContent?: string;
  /** `Only masked`, AUTOMATIC1111's word, if only the masked part of a picture was painted; and the pixels around it. */
  readonly inpaintArea?: string;
  readonly maskedPadding?: number;
  /** Pixels that were painted beyond another picture's sides, negative where some were cut off: `left 64, right -64`. */
  readonly outpaint?: string;
  readonly clipSkip?: number;
  readonly eta?: number;
  /** Whose random numbers: PyTorch's on the CPU or on a GPU; NV is a GPU's, computed on the CPU. */
  readonly rng?: 'CPU' | 'GPU' | 'NV';
  /** One word for what was left out of the work; exact when left out. The three below are given where they differ from it. */
  readonly speed?: string;
  /** Noise levels between which guidance worked, `0.3-5.4`. */
  readonly guidanceInterval?: string;
  /** The noise predictor was run at every n-th step. */
  readonly cacheInterval?: number;
  readonly kvSubsampling?: string;
  /** Edges that continue each other: True for all, as AUTOMATIC1111 writes, or the axis, `x` or `y`. */
  readonly tiling?: string;
  /** What the networks computed in, where that is not the reference's floating point. */
  readonly precision?: string;
  readonly controls?: readonly ControlParameters[];
  /** The program; Easel and its version when left out. */
  readonly version?: string;
  /** Fields that other programs have, by their names. */
  readonly other?: Readonly<Record<string, string>>;
}

/** What a picture says of a ControlNet, and fields that Easel has no name for. */
export type ReadControl = Partial<ControlParameters> & { readonly other: Readonly<Record<string, string>> };

/** What a picture says of its making; other programs leave fields out and add their own. */
export type ReadParameters = Partial<Omit<GenerationParameters, 'seed' | 'runSeed' | 'variationSeed' | 'controls'>> & {
  readonly prompt: string;
  readonly negative: string;
  /** Its digits where a number would round them: other programs' seeds have up to 64 bits. Easel paints from 32. */
  readonly seed?: number | string;
  readonly runSeed?: number | string;
  readonly variationSeed?: number | string;
  readonly controls?: readonly ReadControl[];
  /** Fields that Easel has no name for, as they stand. */
  readonly other: Readonly<Record<string, string>>;
  /** Another program wrote something that Easel cannot read; all that is known is, perhaps, its name in {@link version}. */
  readonly unread?: true;
};
