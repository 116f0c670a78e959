import type { Hono } from 'hono';
import type { OfferedModel } from '../../models/models.js';
import { jsonOf } from '../json-body.js';
import type { Served } from '../needs.js';
import { options, settings } from './fields.js';
import { modelTitled } from './models.js';

/** What front ends look for among AUTOMATIC1111's hundreds of options, with its values (modules/shared_options.py). */
const FIXED = {
  samples_format: 'png',
  sd_vae: 'Automatic',
  eta_noise_seed_delta: 0,
  live_previews_enable: true,
  show_progress_every_n_steps: 10,
  img2img_fix_steps: false,
  return_grid: false,
  sd_checkpoint_hash: '',
};

/** What requests are painted with that say nothing else. */
export interface Chosen {
  readonly offered: OfferedModel;
  readonly clipSkip: number;
}

/** The model and the layer that a front end has chosen for all its requests; forgotten with the process. Other options are ignored. */
export class Options {
  #model: string;
  #clipSkip = 1;

  constructor(private readonly served: Served) {
    this.#model = served.config.model;
  }

  /** @param override `override_settings` of one request. @throws ApiError, ZodError */
  chosen(override: Readonly<Record<string, unknown>> = {}): Chosen {
    const own = { CLIP_stop_at_last_layers: this.#clipSkip, ...override };
    const { sd_model_checkpoint: title, CLIP_stop_at_last_layers: clipSkip } = settings.parse(own);
    return { offered: modelTitled(this.served, title ?? this.#model), clipSkip };
  }

  routes(app: Hono): void {
    app.get('/sdapi/v1/options', (c) =>
      c.json({ sd_model_checkpoint: this.#model, CLIP_stop_at_last_layers: this.#clipSkip, ...FIXED }),
    );
    app.post('/sdapi/v1/options', async (c) => {
      const { offered, clipSkip } = this.chosen(options.parse(await jsonOf(c)));
      this.#model = offered.name;
      this.#clipSkip = clipSkip;
      return c.json(null);
    });
  }
}
