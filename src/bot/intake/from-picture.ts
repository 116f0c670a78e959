import type { Attachment } from 'discord.js';
import type { Model } from '../../engine/model.js';
import { PADDING } from '../../engine/pipeline/part-to-paint.js';
import type { InpaintArea } from '../../engine/pipeline/request.js';
import type { Speed } from '../../engine/pipeline/speed.js';
import { purposeOf } from '../../engine/purpose.js';
import { randomSeed } from '../../engine/random/seed.js';
import { modelOf, type Offer, sizeFrom, sizeToEnlarge, variationStrength } from '../models/models.js';
import { type UpscalerOffer, usualFactor, usualUpscaler } from '../models/upscalers.js';
import type { Inspectors } from '../painter/inspectors.js';
import type { SingleRequest } from '../request/paint-request.js';
import { atMost, MOST_MASKED, MOST_TO_ENLARGE, type Size } from '../request/size.js';
import type { Notice } from '../text/notice.js';
import { Refusal } from '../text/refusal.js';
import { type Ask, readSoon } from './ask.js';
import { defaultsFor } from './defaults.js';
import { ignored } from './ignored.js';
import { inherit } from './inherit.js';
import type { KeptUpload } from './sources.js';

/** Repainted areas keep least of the original. */
export const INPAINTING_STRENGTH = 0.9;

/**
 * For members who relied on the picture's own prompt: while others' pictures are being opened, reading it may take too
 * long.
 */
const TOO_SLOW: Notice = {
  text: 'It took too long to read the picture, so the prompt stored in it was not used. Try again, or give a prompt yourself.',
  meaning: { code: 'pictureSlow', values: {} },
};

/** What to make from a picture. A mask is a key in the picture cache. */
export type Making =
  | { kind: 'img2img' }
  | { kind: 'inpaint'; mask: string; area: InpaintArea }
  | { kind: 'upscale'; factor?: number; upscaler?: string };

export interface FromPictureNeeds extends Offer, UpscalerOffer {
  readonly inspectors: Inspectors;
}

/** The options a member may give with a picture; the rest comes from its metadata. */
export interface PictureOptions {
  prompt?: string | null;
  strength?: number | null;
  count?: number | null;
  seed?: number | null;
  speed?: Speed | null;
  /** Whether details are painted after an upscaler; without one they always are. */
  details?: boolean;
}

/**
 * A request that starts from an attached picture. Missing options are read from the picture: its prompt, if it was made
 * by this or a similar program. Unusable parts of it are left out, and the author is told.
 */
export async function requestFrom(
  needs: FromPictureNeeds,
  ask: Ask,
  { width, height }: Pick<Attachment, 'width' | 'height'>,
  making: Making,
  options: PictureOptions,
  { key, bytes, owner }: KeptUpload,
): Promise<{ request: SingleRequest; notices: readonly Notice[] }> {
  const inTime = await readSoon(ask, needs.inspectors.inspect(bytes, owner));
  const slow = inTime === undefined && !options.prompt;
  const read = inTime ?? null;
  const settings = await ask.settings();
  const chosen = modelOf(needs, null, settings);
  const edits = purposeOf(chosen.model) === 'edit';
  const painted = read?.model && needs.models.get(read.model)?.allowed ? read.model : null;
  // What is typed where the server's model edits is an instruction for it, whatever painted the picture.
  const own = edits && options.prompt ? null : painted;
  const offered = own === null ? chosen : modelOf(needs, own, settings);
  const { name, model } = offered;
  const { card } = model;
  const { notices, ...words } = await inherit(options.prompt ? null : read, offered, settings);
  const { kind } = making;
  // What is stored in the picture says what it shows, unless this model painted it.
  if (kind === 'img2img' && !options.prompt && own === null && edits) {
    throw new Refusal('needsInstruction', { model: name });
  }
  const given: Size = [width ?? card.nativeSize, height ?? card.nativeSize];
  const enlarges = kind === 'upscale';
  const { area, ...made } = { area: 'whole', ...making };
  const masked = area === 'masked' && maskedPart(model);
  const upscaler = enlarges
    ? (making.upscaler ?? usualUpscaler(needs, painted ?? read?.model ?? null)?.name)
    : undefined;
  const alone = upscaler !== undefined && !options.details;
  const most = alone ? MOST_TO_ENLARGE : masked ? MOST_MASKED : undefined;
  const factor = !enlarges
    ? 1
    : (making.factor ?? (alone ? usualFactor(needs.models, upscaler, atMost(given, MOST_TO_ENLARGE)) : 2));
  const size = most ? atMost(given, most) : enlarges ? sizeToEnlarge(model, given, factor) : sizeFrom(model, given);
  const strength = options.strength ?? defaultStrength(kind, model);
  const request: SingleRequest = {
    ...made,
    ...(masked && { masked }),
    ...(enlarges && factor !== 2 && { factor }),
    ...(upscaler !== undefined && { upscaler }),
    prompt: options.prompt || words.prompt,
    negative: words.negative,
    width: size[0] * factor,
    height: size[1] * factor,
    count: enlarges ? 1 : (options.count ?? settings.count),
    ...(await defaultsFor(card, settings, options.prompt || words.prompt)),
    ...(options.speed && { speed: options.speed }),
    seed: options.seed ?? randomSeed(),
    model: name,
    strength,
    source: key,
  };
  const nothing = !alone && strength === 0 && Boolean(options.prompt);
  const unpainted = alone && (Boolean(options.prompt) || typeof options.strength === 'number');
  const shrunk = enlarges && size[0] * size[1] < (given[0] * given[1]) / 2;
  return {
    request: request.kind === 'upscale' && alone ? { ...request, strength: undefined } : request,
    notices: [
      ...(slow ? [TOO_SLOW] : []),
      ...notices,
      ...ignored(nothing && 'promptIgnored', unpainted && 'detailsIgnored'),
      ...(shrunk ? [shrunkTo(size)] : []),
    ],
  };
}

/** AUTOMATIC1111's "only masked": painted as large as the model's own pictures. */
export function maskedPart({ card }: Model): { pixels: number; padding: number } {
  return { pixels: card.nativeSize ** 2, padding: PADDING.usual };
}

function defaultStrength(kind: Making['kind'], model: Model): number {
  if (kind === 'upscale') return model.card.upscaleStrength;
  return kind === 'inpaint' ? INPAINTING_STRENGTH : variationStrength(model);
}

/** The enlargement comes out smaller than expected. */
function shrunkTo([width, height]: Size): Notice {
  return {
    text: `The picture was shrunk to ${width}x${height} first: this model enlarges no larger ones.`,
    meaning: { code: 'pictureShrunk', values: { width, height } },
  };
}
