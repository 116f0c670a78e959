import type { AnySelectMenuInteraction, ButtonInteraction } from 'discord.js';
import { randomSeed } from '../../engine/random/seed.js';
import type { CustomId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import type { PictureNeeds } from '../intake/sources.js';
import { type SubmitNeeds, submit, visibilityOf } from '../intake/submit.js';
import { type Models, type Offer, sizeFrom, sizeToEnlarge, variationStrength } from '../models/models.js';
import { asOffered } from '../models/replaced.js';
import { usualFactor, usualUpscaler } from '../models/upscalers.js';
import { SUBTLE, VARIATION_STRENGTH } from '../request/bounds.js';
import { commonOf, onlyEnlarges, type PaintRequest } from '../request/paint-request.js';
import { isVaried, picturesOf } from '../request/varied.js';
import { type ResultRecord, withNewSeed } from '../storage/results.js';
import { pickedPicture } from './picked-picture.js';
import { type PressNeeds, resultToPaintFrom } from './press.js';

type Needs = PressNeeds & PictureNeeds & SubmitNeeds & Offer;
type Img2ImgRequest = Extract<PaintRequest, { kind: 'img2img' }>;
type Picked = Ask<ButtonInteraction | AnySelectMenuInteraction>;

/** The same request with a new seed. */
export async function again(needs: Needs, ask: Ask<ButtonInteraction>, id: CustomId<'again'>): Promise<void> {
  const record = await resultToPaintFrom(needs, ask, id);
  const { request, notices } = asOffered(needs, await ask.settings(), record.request);
  await submit(needs, ask, withNewSeed(request), { ...visibilityOf(ask.interaction.message), notices });
}

/** Enlarges one picture: by an upscaler if there is one for it, otherwise to twice its size by painting details. */
export function upscale(needs: Needs, ask: Picked, id: CustomId<'upscale'>): Promise<void> {
  return fromPicture(needs, ask, id, (request, source, _, painter) => enlarged(needs, request, source, painter));
}

/** Paints strong variations of one picture: from what it shows. */
export function vary(needs: Needs, ask: Picked, id: CustomId<'vary'>): Promise<void> {
  return fromPicture(needs, ask, id, (request, source) => variations(needs.models, request, source));
}

/** Paints subtle variations of one picture: from nearly the same noise, or from what it shows where there is no such noise. */
export function subtle(needs: Needs, ask: Picked, id: CustomId<'subtle'>): Promise<void> {
  return fromPicture(needs, ask, id, (request, source, seed) =>
    seed === null ? subtler(needs.models, request, source) : variationsOf(request, seed),
  );
}

async function fromPicture(
  needs: Needs,
  ask: Picked,
  { job, index: button }: CustomId<'upscale' | 'vary' | 'subtle'>,
  change: (request: PaintRequest, source: string, seed: number | null, painter: string) => PaintRequest,
): Promise<void> {
  const { interaction } = ask;
  const index = interaction.isButton() ? button : Number(interaction.values[0]);
  const { record, request, source, notices } = await pickedPicture(needs, ask, { job, index });
  const painter = record.request.model;
  // Another model makes another picture of the same noise.
  const seed = request.model === painter ? seedOf(record, index) : null;
  const asked = change(request, source, seed, painter);
  await submit(needs, ask, asked, {
    ...visibilityOf(interaction.message),
    notices: onlyEnlarges(asked) ? [] : notices,
    parent: { job, index },
  });
}

function variations(models: Models, request: PaintRequest, source: string): Img2ImgRequest {
  const { variation: _, ...common } = commonOf(request);
  const model = models.get(request.model)?.model;
  // An enlarged picture is larger than its model paints well.
  const [width, height] = model ? sizeFrom(model, [common.width, common.height]) : [common.width, common.height];
  const strength = model ? variationStrength(model) : VARIATION_STRENGTH;
  return { ...common, width, height, kind: 'img2img', source, strength, seed: randomSeed() };
}

/** The seed of a picture that was painted from that seed's noise alone; null for others. @param index from 1 */
function seedOf({ request, shown }: Pick<ResultRecord, 'request' | 'shown'>, index: number): number | null {
  const words = request.kind === 'txt2img' || request.kind === 'table';
  // Where pictures were left out, it is not known which they were.
  const whole = shown === 0 || shown === request.count;
  if (!words || !whole || request.variation) return null;
  if (isVaried(request)) return picturesOf(request)[index - 1]!.seed;
  return (request.seed + index - 1) % 2 ** 32;
}

function variationsOf(request: PaintRequest, seed: number): PaintRequest {
  return {
    ...commonOf(request),
    kind: 'txt2img',
    seed,
    variation: { seed: randomSeed(), strength: SUBTLE.variation },
  };
}

function subtler(models: Models, request: PaintRequest, source: string): PaintRequest {
  const strong = variations(models, request, source);
  return { ...strong, strength: strong.strength * SUBTLE.strength, subtle: true };
}

/** @param painter the model that painted it, which may be gone: its pictures have their own upscaler all the same. */
function enlarged(needs: Needs, request: PaintRequest, source: string, painter: string): PaintRequest {
  const upscaler = usualUpscaler(needs, painter)?.name;
  const model = needs.models.get(request.model)?.model;
  const own = [request.width, request.height] as const;
  // Inpainted pictures may be larger than what a model paints details on.
  const [width, height] = upscaler === undefined && model ? sizeToEnlarge(model, own) : own;
  const factor = upscaler === undefined ? 2 : usualFactor(needs.models, upscaler, own);
  const large = { width: width * factor, height: height * factor, count: 1 };
  const strength = model?.card.upscaleStrength;
  // What steers a picture would not fit its details.
  return {
    ...commonOf(request),
    ...large,
    control: undefined,
    variation: undefined,
    kind: 'upscale',
    source,
    ...(factor !== 2 && { factor }),
    ...(upscaler === undefined ? { strength } : { upscaler }),
  };
}
