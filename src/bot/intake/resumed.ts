import type { ControlOffer } from '../models/controls.js';
import type { Offer } from '../models/models.js';
import { asOffered } from '../models/replaced.js';
import type { UpscalerOffer } from '../models/upscalers.js';
import type { Job } from '../request/job.js';
import { workOf } from '../request/work.js';
import type { GuildSettings } from '../rules/settings.js';
import type { Results } from '../storage/results.js';
import { checkOffered } from './admission.js';

interface Needs extends Offer, ControlOffer, UpscalerOffer {
  readonly settings: Pick<GuildSettings, 'of'>;
  readonly results: Pick<Results, 'revised'>;
}

/**
 * A job from before a restart as it is painted now: its model may be gone, or its ControlNet.
 *
 * @throws Refusal, for its author, if it can no longer be painted.
 */
export async function resumed(needs: Needs, job: Job): Promise<Job> {
  // Rules only count where the model is gone; the bot starts even if a server's cannot be read.
  const guild = needs.models.has(job.request.model) ? null : job.origin.guildId;
  const settings = await needs.settings.of(guild).catch(() => needs.settings.of(null));
  const { request, notices } = asOffered(needs, settings, job.request);
  checkOffered(needs, request);
  if (request === job.request) return job;
  const instead = { ...job, request, work: workOf(request), notices: [...(job.notices ?? []), ...notices] };
  await needs.results.revised(instead);
  return instead;
}
