import type { GenerationParameters, ReadParameters } from './parameters.js';

// AUTOMATIC1111's names: "Hires" where details were painted after a picture was enlarged (modules/processing.py),
// "Postprocess" where it was only enlarged, which leaves all that it said before (scripts/postprocessing_upscale.py).

/** What a picture says whose details were painted after an upscaler had enlarged it. */
export function withDetails(parameters: GenerationParameters, factor: number, upscaler: string): GenerationParameters {
  return {
    ...parameters,
    other: { ...parameters.other, 'Hires upscale': String(factor), 'Hires upscaler': upscaler },
  };
}

/** What a picture says that an upscaler enlarged. @param made what it said before. */
export function withEnlarging(made: ReadParameters | null, factor: number, upscaler: string): ReadParameters {
  const before = made && !made.unread ? made : { prompt: '', negative: '', other: {} };
  return {
    ...before,
    other: { ...before.other, 'Postprocess upscale by': String(factor), 'Postprocess upscaler': upscaler },
  };
}
