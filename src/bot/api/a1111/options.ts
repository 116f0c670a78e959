import type { Hono } from 'hono';
import { z } from 'zod';
import type { OfferedModel } from '../../models/models.js';
import { jsonOf } from '../json-body.js';
import type { Served } from '../needs.js';
import { modelTitled } from './models.js';

/** What front ends look for among AUTOMATIC1111's hundreds of options, with its values (modules/shared_options.py). */
const FIXED = {
  samples_format: 'png',
  CLIP_stop_at_last_layers: 1,
  sd_vae: 'Automatic',
  eta_noise_seed_delta: 0,
  live_previews_enable: true,
  show_progress_every_n_steps: 10,
  img2img_fix_steps: false,
  return_grid: false,
  sd_checkpoint_hash: '',
};

const settings = z.object({ sd_model_checkpoint: z.string().nullish() });

/** The model that a front end has chosen for all its requests; forgotten with the process. Other options are ignored. */
export class Options {
  #model: string;

  constructor(private readonly served: Served) {
    this.#model = served.config.model;
  }

  /** @param override `override_settings` of one request. @throws ApiError */
  modelFor(override: Readonly<Record<string, unknown>>): OfferedModel {
    const { sd_model_checkpoint: title } = settings.parse(override);
    return modelTitled(this.served, title ?? this.#model);
  }

  routes(app: Hono): void {
    app.get('/sdapi/v1/options', (c) => c.json({ sd_model_checkpoint: this.#model, ...FIXED }));
    app.post('/sdapi/v1/options', async (c) => {
      const { sd_model_checkpoint: title } = settings.parse(await jsonOf(c));
      if (title) this.#model = modelTitled(this.served, title).name;
      return c.json(null);
    });
  }
}
