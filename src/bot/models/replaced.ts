import { sizeStep } from '../../engine/pipeline/request.js';
import { factorOf, onlyEnlarges, type PaintRequest } from '../request/paint-request.js';
import { storedName } from '../request/samplers.js';
import { AREA_WEIGHT, type Size, sizeNear } from '../request/size.js';
import type { Settings } from '../rules/settings.js';
import type { Notice } from '../text/notice.js';
import { modelOf, type Offer, type OfferedModel, sizeFrom, sizeOfShape, sizeToEnlarge } from './models.js';

/** A request from before, as it can be painted now. */
export interface AsOffered {
  readonly request: PaintRequest;
  /** That another model paints it, for its author. */
  readonly notices: readonly Notice[];
}

/**
 * If a request's model has been taken away since, the model that paints here where nobody names one takes its place: at a size of
 * its own, and with its own steps, guidance scale and sampler, because what suited the one may not suit the other.
 */
export function asOffered(
  offer: Offer,
  settings: Pick<Settings, 'model' | 'steps' | 'scale'>,
  request: PaintRequest,
): AsOffered {
  if (offer.models.has(request.model)) return { request, notices: [] };
  const instead = modelOf(offer, null, settings);
  // No model paints.
  if (onlyEnlarges(request)) return { request: { ...request, model: instead.name }, notices: [] };
  const { steps, scale, sampler, sigmas } = instead.model.card;
  return {
    request: {
      ...inSizeOf(instead, request),
      model: instead.name,
      steps: settings.steps || steps,
      scale: settings.scale || scale,
      sampler: storedName({ sampler, ...(sigmas && { sigmas }) }),
      clipSkip: undefined,
    },
    notices: [replacedBy(request.model, instead.name)],
  };
}

function replacedBy(gone: string, model: string): Notice {
  return {
    text: `The model "${gone}" is no longer here, so "${model}" painted this.`,
    meaning: { code: 'modelReplaced', values: { gone, model } },
  };
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
