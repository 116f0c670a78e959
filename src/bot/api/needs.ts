import type { Config } from '../../config.js';
import type { Offer } from '../models/models.js';
import type { Desk, DeskNeeds } from './desk.js';
import type { UploadNeeds } from './uploads.js';

/** What the HTTP API needs of the bot, or of `easel serve`. */
export interface ApiNeeds extends Omit<DeskNeeds, 'config' | 'models'>, Pick<UploadNeeds, 'pictures'>, Offer {
  readonly config: Pick<Config, 'apiHost' | 'apiPort' | 'apiKey' | 'maxWork' | 'model' | 'modelsDir'>;
}

/** What the routes of an interface need. */
export interface Served extends ApiNeeds, UploadNeeds {
  readonly desk: Desk;
}
