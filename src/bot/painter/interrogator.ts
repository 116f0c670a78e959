import { Interrogator, type InterrogatorOptions } from '../../engine/interrogate/interrogator.js';
import { serve } from './child-calls.js';

/** Options of the process. */
export interface InterrogatorProcess extends InterrogatorOptions {
  /** Path of a CLIP. */
  readonly path: string;
}

/** The process that finds words for pictures. It gets decoded pixels only. */
const { path, ...options } = JSON.parse(process.argv[2]!) as InterrogatorProcess;
let opened: Promise<Interrogator> | undefined;

serve({
  async describe({ picture, card }) {
    opened ??= Interrogator.open(path, options);
    return (await (await opened).interrogate(picture, card)).prompts;
  },
});
