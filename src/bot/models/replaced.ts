import { sizeStep } from '../../engine/pipeline/request.js';
import { purposeOf } from '../../engine/purpose.js';
import { VARIATION_STRENGTH } from '../request/bounds.js';
import { factorOf, onlyEnlarges, type PaintRequest } from '../request/paint-request.js';
import { storedName } from '../request/samplers.js';
import { AREA_WEIGHT, type Size, sizeNear } from '../request/size.js';
import type { Settings } from '../rules/settings.js';
import type { Notice } from '../text/notice.js';
import { type ControlOffer, controlOf } from './controls.js';
import { modelOf, type Offer, type OfferedModel, sizeFrom, sizeOfShape, sizeToEnlarge } from './models.js';

/** A request from before, as it can be painted now. */
export interface AsOffered {
  readonly request: PaintRequest;
  /** That another model paints it, for its author. */
  readonly notices: readonly Notice[];
}

/**
 * If a request's model has been taken away since, the model that paints here where nobody names one takes its place: at a size of
 * its own, and with its own steps, guidance scale, sampler and strength, because what suited the one may not suit the other.
 * If its ControlNet is gone or does not fit the model, another of that kind takes its place.
 */
export function asOffered(
  offer: Offer & ControlOffer,
  settings: Pick<Settings, 'model' | 'steps' | 'scale'>,
  request: PaintRequest,
): AsOffered {
  if (offer.models.has(request.model)) return { request: steered(offer, request), notices: [] };
  const instead = modelOf(offer, null, settings);
  const changed = ofItsStrength(instead, request);
  // No model paints: it is one picture, whatever was painted before.
  if (onlyEnlarges(changed)) {
    return { request: { ...changed, dynamic: undefined, count: 1, model: instead.name }, notices: [] };
  }
  const { steps, scale, sampler, sigmas } = instead.model.card;
  return {
    request: steered(offer, {
      ...inSizeOf(instead, changed),
      model: instead.name,
      steps: settings.steps || steps,
      scale: settings.scale || scale,
      sampler: storedName({ sampler, ...(sigmas && { sigmas }) }),
      clipSkip: undefined,
    }),
    notices: [replacedBy(request.model, instead.name)],
  };
}

/** By its own ControlNet, or another of that kind that fits its model. If none does, it stays, to be refused by its kind. */
function steered(offer: ControlOffer, request: PaintRequest): PaintRequest {
  const { control, model } = request;
  if (!control || offer.controls.some(({ name, fits }) => name === control.net && fits.has(model))) return request;
  const net = controlOf(offer, control.kind, model)?.name;
  return net === undefined ? request : { ...request, control: { ...control, net } };
}

function replacedBy(gone: string, model: string): Notice {
  return {
    text: `The model "${gone}" is no longer here, so "${model}" painted this.`,
    meaning: { code: 'modelReplaced', values: { gone, model } },
  };
}

/** Strengths that say more about the model that was to paint than about the picture. */
function ofItsStrength({ model }: OfferedModel, request: PaintRequest): PaintRequest {
  switch (request.kind) {
    case 'upscale': {
      if (onlyEnlarges(request)) return request;
      const { upscaleStrength } = model.card;
      // After an upscaler, a model that paints no details has nothing left to do.
      return { ...request, strength: request.upscaler === undefined ? upscaleStrength : upscaleStrength || undefined };
    }
    case 'img2img':
      // To a model that edits, 1 is the usual strength; to others, it means that the picture is ignored.
      if (purposeOf(model) === 'edit') return { ...request, strength: 1 };
      return request.strength === 1 ? { ...request, strength: VARIATION_STRENGTH } : request;
    default:
      return request;
  }
}

function inSizeOf({ model }: OfferedModel, request: PaintRequest): PaintRequest {
  const own: Size = [request.width, request.height];
  const sized = ([width, height]: Size) => ({ ...request, width, height });
  switch (request.kind) {
    case 'txt2img':
    case 'table':
      return sized(sizeOfShape(model, own));
    case 'img2img':
    case 'blend':
      return sized(sizeFrom(model, own));
    case 'inpaint':
      // A picture of which only a part is painted may have any size.
      if (!request.masked) return sized(sizeFrom(model, own));
      return { ...request, masked: { ...request.masked, pixels: model.card.nativeSize ** 2 } };
    case 'upscale': {
      const factor = factorOf(request);
      const [width, height] = sizeToEnlarge(model, [own[0] / factor, own[1] / factor], factor);
      return { ...request, width: width * factor, height: height * factor };
    }
    case 'outpaint': {
      // The picture as the model would paint it, and the canvas around it in proportion.
      const { left, top, width, height } = request.at;
      const [wide, high] = sizeFrom(model, [width, height]);
      const canvas: Size = [(own[0] * wide) / width, (own[1] * high) / height];
      const [across, down] = sizeNear(canvas, canvas[0] * canvas[1], sizeStep(model), AREA_WEIGHT.picture);
      const [x, y] = [across / own[0], down / own[1]];
      const at = {
        left: Math.round(left * x),
        top: Math.round(top * y),
        width: Math.round(width * x),
        height: Math.round(height * y),
      };
      return { ...request, width: across, height: down, at };
    }
  }
}
