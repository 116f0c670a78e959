import { type ButtonInteraction, LabelBuilder, ModalBuilder, type ModalSubmitInteraction } from 'discord.js';
import { ZOOM } from '../../engine/image/canvas.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import type { PictureNeeds } from '../intake/sources.js';
import { type SubmitNeeds, submit, visibilityOf } from '../intake/submit.js';
import { reworded } from '../intake/typed-options.js';
import { canvasLimits, type Offer, sizeFrom } from '../models/models.js';
import { type Canvas, type CanvasLimits, canvasOf, WAYS, zoomed } from '../request/canvas.js';
import type { SingleRequest } from '../request/paint-request.js';
import type { Size } from '../request/size.js';
import { alone } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import { typedNumber } from '../text/typed-number.js';
import { pickedPicture } from './picked-picture.js';
import { pictureSize } from './picture-size.js';
import { type PressNeeds, resultToPaintFrom } from './press.js';
import { numberField, wordsField } from './text-field.js';

type Needs = PressNeeds & PictureNeeds & SubmitNeeds & Offer;
type Asked = Ask<ButtonInteraction | ModalSubmitInteraction>;

/** ⬅️ ➡️ ⬆️ ⬇️, zoom out, make square: paints more around the picture. */
export function extend(needs: Needs, ask: Ask<ButtonInteraction>, { job, way }: CustomId<'extend'>): Promise<void> {
  return outpaint(needs, ask, job, null, (size, limits) => canvasOf(WAYS[way - 1]!, size, limits));
}

/** Opens the form for a zoom of one's own. */
export async function askZoom(
  needs: PressNeeds,
  ask: Ask<ButtonInteraction>,
  { job }: CustomId<'zoom'>,
): Promise<void> {
  const { request } = await resultToPaintFrom(needs, ask, { job });
  const { t } = ask;
  const form = new ModalBuilder()
    .setCustomId(customId('zoom', { job }))
    .setTitle(t('zoom.title'))
    .addLabelComponents(
      new LabelBuilder().setLabel(t('edit.prompt')).setTextInputComponent(wordsField('prompt', request.prompt)),
      new LabelBuilder().setLabel(t('zoom.factor', ZOOM)).setTextInputComponent(numberField('factor', '2')),
    );
  await ask.interaction.showModal(form);
}

/** Handles the submitted form. */
export async function zoomBy(needs: Needs, ask: Ask<ModalSubmitInteraction>, { job }: CustomId<'zoom'>): Promise<void> {
  const { fields } = ask.interaction;
  const typed = fields.getTextInputValue('factor').trim();
  const factor = typedNumber(typed);
  if (!(factor >= ZOOM.low && factor <= ZOOM.high)) throw new Refusal('number', { value: typed, ...ZOOM });
  await outpaint(needs, ask, job, fields.getTextInputValue('prompt'), (size, limits) => zoomed(factor, size, limits));
}

async function outpaint(
  needs: Needs,
  ask: Asked,
  job: string,
  prompt: string | null,
  canvasFor: (picture: Size, limits: CanvasLimits) => Canvas,
): Promise<void> {
  const { request, source, notices } = await pickedPicture(needs, ask, { job, index: 1 });
  const limits = canvasLimits(needs, request);
  const own = await pictureSize(needs, ask, source, request);
  // Another model than the picture's goes on from it in the size in which it would have painted it.
  const size = notices.length > 0 ? sizeFrom(needs.models.get(request.model)!.model, own) : own;
  const canvas = canvasFor(size, limits);
  // What steered the picture, or made it a tile, does not fit the canvas.
  const around: SingleRequest = { ...alone(request), ...canvas, kind: 'outpaint', source };
  const asked = prompt === null ? { request: around, notices: [] } : reworded(around, prompt);
  await submit(needs, ask, asked.request, {
    ...(ask.interaction.message && visibilityOf(ask.interaction.message)),
    parent: { job, index: 1 },
    notices: [...notices, ...asked.notices],
  });
}
