import type { GenerationParameters } from '../image/metadata/parameters.js';
import type { Pixels } from '../image/pixels.js';
import type { Tensor } from '../networks.js';
import { samplerTitle } from '../samplers/names.js';
import { SPACINGS } from '../samplers/spacing.js';
import { SAMPLERS, type SamplerEntry } from '../samplers/table.js';
import { controlParameters } from './control.js';
import type { Engine } from './engine.js';
import { decode } from './latents.js';
import type { PaintOptions } from './progress.js';
import type { Plan } from './request.js';
import { spedUp } from './speed.js';

/** A finished picture and everything needed to paint it again. */
export interface Picture {
  readonly pixels: Pixels;
  /** Its own seed; null when the whole batch came from one generator. */
  readonly seed: number | null;
  /** The safety checker found something: the pixels are black, unless the request keeps them. */
  readonly flagged: boolean;
  readonly parameters: GenerationParameters;
}

/** What a pipeline adds to the plan. */
export interface Extras {
  strength?: number;
  /** Changes the decoded picture before anyone sees it: inpainting puts the kept pixels back. */
  retouch?: (pixels: Pixels) => Pixels;
  /** What it records besides. */
  parameters?: Partial<GenerationParameters>;
}

/** Decodes, checks and labels: latents [rows, c, h, w] to pictures. */
export async function finish(
  engine: Engine,
  plan: Plan,
  latents: Tensor,
  { signal, onNotice }: PaintOptions,
  extras: Extras = {},
): Promise<Picture[]> {
  const decoded = await decode(engine, latents, signal);
  if (decoded.some(({ data }) => data.every((byte) => byte === 0))) {
    onNotice?.('A picture came out completely black. If you did not ask for that, try another seed or prompt.', {
      code: 'black',
      values: {},
    });
  }
  const pixels = extras.retouch ? decoded.map(extras.retouch) : decoded;
  const flags = engine.safety ? await engine.safety.check(pixels) : pixels.map(() => false);
  if (flags.includes(true) && !plan.keepFlagged) {
    onNotice?.('The safety checker hid a picture that may not be safe for work. Try another prompt or seed.', {
      code: 'hidden',
      values: {},
    });
  }
  const hash = await engine.model.hash();
  const { eta, spacings }: SamplerEntry = SAMPLERS[plan.sampler];
  return pixels.map((picture, row) => ({
    pixels: flags[row] && !plan.keepFlagged ? { ...picture, data: new Uint8Array(picture.data.length) } : picture,
    seed: seedOf(plan, row),
    flagged: flags[row]!,
    parameters: {
      prompt: plan.prompts[row]!,
      negative: plan.negative,
      steps: plan.steps,
      sampler: samplerTitle(plan),
      // AUTOMATIC1111 uses another spacing if none is named: Karras for DPM++ 2M, exponential for its SDE variant.
      scheduleType: spacings.includes('karras') && plan.sigmas === 'default' ? SPACINGS.default : undefined,
      scale: plan.scale,
      guidanceRescale: plan.scale === 1 ? undefined : plan.guidanceRescale || undefined,
      imageScale: plan.scale === 1 ? undefined : plan.imageScale,
      seed: seedOf(plan, row) ?? undefined,
      width: picture.width,
      height: picture.height,
      modelHash: hash,
      model: engine.model.card.name,
      variationSeed: plan.variation && (plan.variation.seed + row) % 2 ** 32,
      variationStrength: plan.variation?.strength,
      strength: extras.strength,
      eta: eta || plan.eta ? plan.eta : undefined,
      clipSkip: plan.clipSkip > 1 ? plan.clipSkip : undefined,
      // Only the caller can name a generator that it passed.
      rng: plan.seed === null ? undefined : plan.rng === 'cuda' ? 'GPU' : 'CPU',
      ...spedUp(plan),
      tiling: plan.tile && (plan.tile === 'both' ? 'True' : plan.tile),
      precision: engine.networks.int8 ? 'int8' : undefined,
      controls: plan.controls.length > 0 ? controlParameters(plan.controls) : undefined,
      ...extras.parameters,
    },
  }));
}

/** Variations of one picture have its seed. */
function seedOf({ seed, variation }: Plan, row: number): number | null {
  return seed === null || variation ? seed : (seed + row) % 2 ** 32;
}
