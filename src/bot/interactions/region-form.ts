import {
  type ButtonInteraction,
  FileUploadBuilder,
  LabelBuilder,
  ModalBuilder,
  type ModalSubmitInteraction,
} from 'discord.js';
import { PICTURES } from '../gateway/command-data.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import { INPAINTING_STRENGTH, maskedPart } from '../intake/from-picture.js';
import { checkMask } from '../intake/mask.js';
import type { PictureNeeds } from '../intake/sources.js';
import { type SubmitNeeds, submit, visibilityOf } from '../intake/submit.js';
import { reworded } from '../intake/typed-options.js';
import { withUploads } from '../intake/uploads.js';
import type { Offer } from '../models/models.js';
import type { SingleRequest } from '../request/paint-request.js';
import { alone } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import { pickedPicture } from './picked-picture.js';
import { pictureSize } from './picture-size.js';
import { type PressNeeds, resultToPaintFrom } from './press.js';
import { wordsField } from './text-field.js';

type Needs = PressNeeds & PictureNeeds & SubmitNeeds & Offer;

/** Opens the form for varying a region: what to paint there, and a file with the mask. */
export async function askRegion(
  needs: PressNeeds,
  ask: Ask<ButtonInteraction>,
  { job }: CustomId<'region'>,
): Promise<void> {
  const { request } = await resultToPaintFrom(needs, ask, { job });
  const { t } = ask;
  const mask = new FileUploadBuilder()
    .setCustomId('mask')
    .setMinValues(1)
    .setMaxValues(1)
    .setFileTypes(...PICTURES);
  const form = new ModalBuilder()
    .setCustomId(customId('region', { job }))
    .setTitle(t('region.title'))
    .addLabelComponents(
      new LabelBuilder()
        .setLabel(t('command.inpaint.prompt'))
        .setTextInputComponent(wordsField('prompt', request.prompt)),
      new LabelBuilder()
        .setLabel(t('region.mask'))
        .setDescription(t('command.inpaint.mask'))
        .setFileUploadComponent(mask),
    );
  await ask.interaction.showModal(form);
}

/** Handles the submitted form: repaints that region of the picture, which keeps its size and all its other pixels. */
export function varyRegion(needs: Needs, ask: Ask<ModalSubmitInteraction>, { job }: CustomId<'region'>): Promise<void> {
  return withUploads(needs, ask, async (keep) => {
    const { fields, message } = ask.interaction;
    const upload = fields.getUploadedFiles('mask')?.first();
    if (!upload) throw new Refusal('noPicture');
    const picked = await pickedPicture(needs, ask, { job, index: 1 });
    const [mask, bytes] = await Promise.all([keep(upload), needs.pictures.get(picked.source)]);
    const owner = ask.place.userId;
    const [size] = await Promise.all([
      pictureSize(needs, ask, picked.source, picked.request),
      bytes && checkMask(needs.inspectors, ask, { key: picked.source, bytes, owner }, mask),
    ]);
    const { model } = needs.models.get(picked.request.model)!;
    const request: SingleRequest = {
      // What steered the whole picture would hold the region to what it shows now.
      ...alone(picked.request),
      kind: 'inpaint',
      width: size[0],
      height: size[1],
      source: picked.source,
      mask: mask.key,
      strength: INPAINTING_STRENGTH,
      masked: maskedPart(model),
    };
    const asked = reworded(request, fields.getTextInputValue('prompt'));
    await submit(needs, ask, asked.request, {
      ...(message && visibilityOf(message)),
      parent: { job, index: 1 },
      notices: [...picked.notices, ...asked.notices],
    });
  });
}
