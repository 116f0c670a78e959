import { malformed, shown } from '../check.js';
import { RequestError } from '../errors.js';
import { PREPROCESSOR_NAMES } from '../image/control/preprocess.js';
import { checkPicture, type PictureSource } from '../image/source.js';
import type { Generator } from '../random/generator.js';
import { MAX_SEED } from '../random/seed.js';
import { ControlNetworks } from '../runtime/control-networks.js';
import { samplerNamed } from '../samplers/names.js';
import { type OwnSampler, ownSampler } from '../samplers/own.js';
import { SPACING_NAMES } from '../samplers/spacing.js';
import { SAMPLERS, type SamplerEntry, type SamplerName } from '../samplers/table.js';
import type { Fields, Rule, Schema } from '../schema.js';
import * as is from '../schema.js';
import { read } from '../schema.js';
import { TILES, type Tile } from '../tile.js';
import { Upscaler } from '../upscaler/upscaler.js';
import { BLEND } from './blend.js';
import type { Control } from './control.js';
import type { EncodeRequest } from './encode-prompt.js';
import { PADDING } from './part-to-paint.js';
import { type Asks, OUTPUTS, type Output } from './picture.js';
import type { PaintOptions } from './progress.js';
import type {
  BlendRequest,
  FromPictureRequest,
  Img2ImgRequest,
  InpaintRequest,
  OutpaintRequest,
  PipelineRequest,
  Txt2ImgRequest,
  UpscaleRequest,
} from './request.js';
import { INPAINT_AREAS, INPAINT_FILLS, MAX_SIDE } from './request.js';
import { MAX_PICTURES, type Variation } from './rows.js';
import { MOST_STEPS } from './sampling.js';
import { HIGHEST_LEVEL, isInterval, SPEED_NAMES, type SpeedRequest } from './speed.js';

export const picture: Rule<PictureSource> = checkPicture;

/** More than any schedule has. */
const LAST_TIMESTEP = 999;

const words: Rule<string | readonly string[]> = is.must(
  `be a text, or a list of 1 to ${MAX_PICTURES} texts`,
  (value) =>
    typeof value === 'string' ||
    (Array.isArray(value) &&
      value.length >= 1 &&
      value.length <= MAX_PICTURES &&
      Array.from(value).every((one) => typeof one === 'string')),
);

const OWN_SAMPLER: Schema<Partial<SamplerEntry>> = {
  of: 'a sampler of your own',
  fields: {
    sample: is.callback,
    title: is.text,
    eta: is.either((value) => value === null, is.anything, is.number(0, 1)),
    spacings: is.list(is.choice(...SPACING_NAMES)),
    lists: is.list(is.choice('timesteps', 'sigmas')),
    secondOrder: is.choice<true>(true),
  },
};

const sampler: Rule<SamplerName | OwnSampler> = (key, value) => {
  if (typeof value === 'string' ? Object.hasOwn(SAMPLERS, value) : ownSampler(value)) {
    if (typeof value === 'object') read(OWN_SAMPLER, value as Partial<SamplerEntry>, `${key}.`);
    return;
  }
  const samplers = Object.keys(SAMPLERS).join(', ');
  const known = typeof value === 'string' ? samplerNamed(value) : null;
  const sigmas = known && known.sigmas !== 'default' ? `, with sigmas: "${known.sigmas}"` : '';
  const remedy = known ? `Write "${known.sampler}"${sigmas}` : `Choose one of: ${samplers}`;
  throw new RequestError(`There is no sampler ${shown(value)}. ${remedy}.`, {
    meaning: { code: 'noSampler', values: { sampler: String(value).slice(0, 80), samplers } },
  });
};

const generator: Rule<Generator> = is.having<Generator>('a Generator, such as new TorchGenerator(42)', 'randn');

const interval: Rule<readonly [number, number]> = (key, value) => {
  const [low, high] = Array.isArray(value) && value.length === 2 ? value : [];
  if (typeof low === 'number' && typeof high === 'number' && isInterval(low, high)) return;
  throw malformed(
    key,
    `must be two noise levels from 0 to ${HIGHEST_LEVEL}, the lower one first, such as 0.3 and 5.4; got ${shown(value)}.`,
  );
};

const pixels: Rule<number> = is.must('be a number of pixels', Number.isFinite);

export const SPEED: Fields<SpeedRequest> = {
  speed: is.choice(...SPEED_NAMES),
  guidanceInterval: interval,
  cacheInterval: is.whole(1, 10),
  kvSubsampling: is.choice<boolean | 'large'>(true, false, 'large'),
};

const VARIATION: Schema<Variation> = {
  of: 'variation',
  fields: { seed: is.whole(0, MAX_SEED), strength: is.number(0, 1) },
  needs: ['strength'],
};

const CONTROL: Schema<Control> = {
  of: 'controls',
  fields: {
    net: is.made('a ControlNet that sd.openControlNet opened', ControlNetworks),
    image: picture,
    weight: is.number(0, 2),
    start: is.number(0, 1),
    end: is.number(0, 1),
    guess: is.flag,
    preprocessor: is.choice(...PREPROCESSOR_NAMES),
  },
  needs: ['net', 'image'],
};

export const latents = is.tensor('pictures, channels, h, w');
const embeddings = is.tensor('1 or pictures, tokens, width');

const PIPELINE: Fields<PipelineRequest & Asks<Output>> = {
  prompt: words,
  negative: words,
  promptEmbeddings: embeddings,
  negativeEmbeddings: embeddings,
  count: is.whole(1, MAX_PICTURES),
  steps: is.whole(1, MOST_STEPS),
  scale: is.number(-100, 100),
  guidanceRescale: is.number(0, 1),
  imageScale: is.number(0, 10),
  sampler,
  eta: is.number(0, 1),
  sigmas: is.either(
    Array.isArray,
    is.list(is.number(0, HIGHEST_LEVEL), 2, MOST_STEPS + 1),
    is.choice(...SPACING_NAMES),
  ),
  timesteps: is.list(is.whole(0, LAST_TIMESTEP), 1, MOST_STEPS),
  seed: is.either(Array.isArray, is.list(is.whole(0, MAX_SEED), 1, MAX_PICTURES), is.whole(0, MAX_SEED)),
  generator,
  rng: is.choice('cpu', 'cuda'),
  variation: is.group(VARIATION),
  syntax: is.choice('plain', 'weighted'),
  keepFlagged: is.flag,
  clipSkip: is.whole(1, 12),
  controls: is.list(is.group(CONTROL)),
  tile: is.choice(...TILES),
  output: is.choice(...OUTPUTS),
  ...SPEED,
};

const FROM_PICTURE: Fields<FromPictureRequest & Asks<Output>> = {
  ...PIPELINE,
  image: picture,
  strength: is.number(0, 1),
};

const beside = (): readonly { of: string; fields: object }[] => [...Object.values(REQUESTS), PAINT_OPTIONS];

const TXT2IMG: Schema<Txt2ImgRequest & Asks<Output>> = {
  of: 'txt2img',
  fields: {
    ...PIPELINE,
    width: pixels,
    height: pixels,
    latents: is.either((value) => value instanceof Float32Array, is.floats, latents),
  },
  beside,
};

const IMG2IMG: Schema<Img2ImgRequest & Asks<Output>> = {
  of: 'img2img',
  fields: { ...FROM_PICTURE, latents, secondPass: is.flag },
  beside,
};

const INPAINT: Schema<InpaintRequest & Asks<Output>> = {
  of: 'inpaint',
  fields: {
    ...FROM_PICTURE,
    mask: picture,
    area: is.choice(...INPAINT_AREAS),
    padding: is.whole(0, PADDING.most),
    pixels: is.whole(1, MAX_SIDE ** 2),
    fill: is.choice(...INPAINT_FILLS),
    parameters: is.must('be an object', (value) => Object(value) === value && !Array.isArray(value)),
  },
  needs: ['image', 'mask'],
  beside,
};

const margin = is.whole(-MAX_SIDE, MAX_SIDE);

const OUTPAINT: Schema<OutpaintRequest & Asks<Output>> = {
  of: 'outpaint',
  fields: { ...FROM_PICTURE, left: margin, right: margin, top: margin, bottom: margin, seam: is.whole(0, MAX_SIDE) },
  needs: ['image'],
  beside,
};

const UPSCALE: Schema<UpscaleRequest & Asks<Output>> = {
  of: 'upscale',
  fields: {
    ...FROM_PICTURE,
    factor: is.number(1, 4),
    upscaler: is.made('an upscaler that Upscaler.open opened', Upscaler),
  },
  needs: ['image'],
  beside,
};

const { image: _, ...FROM_PICTURES } = FROM_PICTURE;

const BLENDING: Schema<BlendRequest & Asks<Output>> = {
  of: 'blend',
  fields: {
    ...FROM_PICTURES,
    images: is.list(picture, BLEND.fewest, BLEND.most),
    weights: is.list(is.number(0, 100)),
  },
  needs: ['images'],
  beside,
};

/** What each pipeline takes. */
export const REQUESTS = {
  txt2img: TXT2IMG,
  img2img: IMG2IMG,
  inpaint: INPAINT,
  outpaint: OUTPAINT,
  upscale: UPSCALE,
  blend: BLENDING,
} as const;

/** What {@link StableDiffusion.encode} takes. */
export const ENCODING: Schema<{ picture: PictureSource; rows: number; generator: Generator; tile?: Tile | undefined }> =
  {
    of: 'encode',
    fields: { picture, rows: is.whole(1, MAX_PICTURES), generator, tile: is.choice(...TILES) },
    needs: ['picture', 'rows', 'generator'],
  };

/** What {@link StableDiffusion.encodePrompt} takes: of a whole request, too, it reads the words. */
export const ENCODING_WORDS: Schema<EncodeRequest> = {
  of: 'encodePrompt',
  fields: TXT2IMG.fields,
  needs: ['prompt'],
  beside,
};

export interface DecodeOptions {
  tile?: Tile | undefined;
  signal?: AbortSignal | undefined;
}

export const DECODING: Schema<DecodeOptions> = {
  of: "decode's second argument",
  fields: { tile: is.choice(...TILES), signal: is.signal },
};

export const PAINT_OPTIONS: Schema<PaintOptions> = {
  of: "a call's second argument",
  fields: { signal: is.signal, onProgress: is.callback, onStep: is.callback, onNotice: is.callback },
  beside,
};
