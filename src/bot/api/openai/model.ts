import { modelOf, type Offer, type OfferedModel } from '../../models/models.js';
import { DEFAULTS } from '../../rules/settings.js';

/** OpenAI's own models, which many programs always ask for: here they are the operator's model. */
const THEIRS = /^(dall-e-[23]|(chat)?gpt-image-[\w.-]+|gpt-image)$/;
/** They answer with the pictures, and know no addresses (API reference, `response_format`). */
const ANSWERS_WITH_PICTURES = /^(chat)?gpt-image/;

/** @throws Refusal if there is no such model. */
export function modelFor(offer: Offer, name: string | undefined): OfferedModel {
  return modelOf(offer, name === undefined || THEIRS.test(name) ? null : name, DEFAULTS);
}

export function formatFor(name: string | undefined): 'url' | 'b64_json' {
  return name !== undefined && ANSWERS_WITH_PICTURES.test(name) ? 'b64_json' : 'url';
}
