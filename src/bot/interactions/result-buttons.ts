import type { AnySelectMenuInteraction, ButtonInteraction } from 'discord.js';
import { isFlagged } from '../delivery/flagged.js';
import type { CustomId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import { type PictureNeeds, pictureOf } from '../intake/sources.js';
import { type SubmitNeeds, submit, visibilityOf } from '../intake/submit.js';
import { type Models, sizeFrom, variationStrength } from '../models/models.js';
import { MAX_COUNT, VARIATION_STRENGTH } from '../request/bounds.js';
import { commonOf, type PaintRequest } from '../request/paint-request.js';
import { isVaried, picturesOf } from '../request/varied.js';
import { keepsFlagged } from '../rules/place-rules.js';
import { randomSeed, withNewSeed } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import { type PressNeeds, resultToPaintFrom } from './press.js';

type Needs = PressNeeds & PictureNeeds & SubmitNeeds;
type Picked = Ask<ButtonInteraction | AnySelectMenuInteraction>;

/** The same request with a new seed. */
export async function again(needs: Needs, ask: Ask<ButtonInteraction>, id: CustomId<'again'>): Promise<void> {
  const record = await resultToPaintFrom(needs, ask, id);
  await submit(needs, ask, withNewSeed(record.request), visibilityOf(ask.interaction.message));
}

/** Enlarges one picture to twice its size. */
export function upscale(needs: Needs, ask: Picked, id: CustomId<'upscale'>): Promise<void> {
  return fromPicture(needs, ask, id, (request, source) => enlarged(needs.models, request, source));
}

/** Paints variations of one picture. */
export function vary(needs: Needs, ask: Picked, id: CustomId<'vary'>): Promise<void> {
  return fromPicture(needs, ask, id, (request, source) => variations(needs.models, request, source));
}

async function fromPicture(
  needs: Needs,
  ask: Picked,
  { job, index: button }: CustomId<'upscale' | 'vary'>,
  change: (request: PaintRequest, source: string) => PaintRequest,
): Promise<void> {
  const { interaction, place } = ask;
  const record = await resultToPaintFrom(needs, ask, { job });
  const index = interaction.isButton() ? button : Number(interaction.values[0]);
  const count = record.shown || record.request.count;
  if (!(Number.isInteger(index) && index >= 1 && index <= count)) throw new Refusal('old');
  if (isFlagged(record, index) && !keepsFlagged(await ask.settings(), place)) throw new Refusal('flagged');
  const source = await pictureOf(needs, job, index, record, interaction.message, interaction.user.id);
  const one = isVaried(record.request)
    ? { ...picturesOf(record.request)[index - 1]!, count: MAX_COUNT }
    : record.request;
  await submit(needs, ask, change(one, source), { ...visibilityOf(interaction.message), parent: { job, index } });
}

function variations(models: Models, request: PaintRequest, source: string): PaintRequest {
  const common = commonOf(request);
  const model = models.get(request.model)?.model;
  // An enlarged picture is larger than its model paints well.
  const [width, height] = model ? sizeFrom(model, [common.width, common.height]) : [common.width, common.height];
  const strength = model ? variationStrength(model) : VARIATION_STRENGTH;
  return { ...common, width, height, kind: 'img2img', source, strength, seed: randomSeed() };
}

function enlarged(models: Models, request: PaintRequest, source: string): PaintRequest {
  const { width, height } = request;
  const twice = { width: width * 2, height: height * 2, count: 1 };
  const strength = models.get(request.model)?.model.card.upscaleStrength;
  // What steers a picture would not fit its details.
  return { ...commonOf(request), ...twice, control: undefined, kind: 'upscale', source, strength };
}
