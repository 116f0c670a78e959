import type { AnySelectMenuInteraction, ButtonInteraction, ModalSubmitInteraction } from 'discord.js';
import { isFlagged } from '../delivery/flagged.js';
import type { Ask } from '../intake/ask.js';
import { type PictureNeeds, pictureOf } from '../intake/sources.js';
import type { ControlOffer } from '../models/controls.js';
import type { Offer } from '../models/models.js';
import { asOffered } from '../models/replaced.js';
import { MAX_COUNT } from '../request/bounds.js';
import { commonOf, type PaintRequest, type SingleRequest } from '../request/paint-request.js';
import { isVaried, picturesOf } from '../request/varied.js';
import { keepsFlagged } from '../rules/place-rules.js';
import type { ResultRecord } from '../storage/results.js';
import type { Notice } from '../text/notice.js';
import { Refusal } from '../text/refusal.js';
import { type PressNeeds, resultToPaintFrom } from './press.js';

/** One picture of a result, to paint from. */
export interface PickedPicture {
  readonly record: ResultRecord;
  /** What it was painted from: of a varied request, that picture's own. Its model is one that is here. */
  readonly request: PaintRequest;
  /** Its key in the picture cache. */
  readonly source: string;
  /** That another model paints from it than painted it, which is no longer here. */
  readonly notices: readonly Notice[];
}

/** @param index from 1. @throws Refusal if the member may not paint here, or it is not there or flagged. */
export async function pickedPicture(
  needs: PressNeeds & PictureNeeds & Offer & ControlOffer,
  ask: Ask<ButtonInteraction | AnySelectMenuInteraction | ModalSubmitInteraction>,
  { job, index }: { job: string; index: number },
): Promise<PickedPicture> {
  const { interaction, place } = ask;
  const record = await resultToPaintFrom(needs, ask, { job });
  const count = record.shown || record.request.count;
  if (!(Number.isInteger(index) && index >= 1 && index <= count)) throw new Refusal('old');
  if (isFlagged(record, index) && !keepsFlagged(await ask.settings(), place)) throw new Refusal('flagged');
  // There is a message: the record was found by it.
  const source = await pictureOf(needs, job, index, record, interaction.message!, interaction.user.id);
  const { request: made } = record;
  // Whatever enlarged it, a model paints from it.
  const painted: PaintRequest =
    made.kind === 'upscale' ? { ...commonOf(made), kind: 'txt2img', dynamic: made.dynamic } : made;
  const { request: now, notices } = asOffered(needs, await ask.settings(), painted);
  // The picture has the size that it was painted in.
  const { width, height } = made;
  const request: PaintRequest = { ...now, width, height };
  if (!isVaried(request)) return { record, request, source, notices };
  const one: SingleRequest = { ...picturesOf(request)[index - 1]!, count: MAX_COUNT };
  return { record, request: one, source, notices };
}
