import type { Held } from '../desk.js';
import { timestamp } from './info.js';

/** `/sdapi/v1/progress`, of the request whose turn it is (modules/api/api.py, progressapi; modules/shared_state.py). */
export function progressOf(held: readonly Held[], withPicture: boolean, now = Date.now()): object {
  const running = held.find(({ startedAt }) => startedAt > 0);
  const state = {
    skipped: false,
    interrupted: false,
    stopping_generation: false,
    job: running ? running.job.request.kind : '',
    job_count: held.length,
    job_timestamp: timestamp(new Date(running?.startedAt ?? 0)),
    job_no: 0,
    sampling_step: running?.progress?.step ?? 0,
    sampling_steps: running?.progress?.total ?? 0,
  };
  const answer = { state, current_image: null, textinfo: null };
  if (!running) return { progress: 0, eta_relative: 0, ...answer };
  const { step = 0, total = 1, secondsLeft = null } = running.progress ?? {};
  // Never nothing, since front ends take that for idle.
  const progress = Math.min(1, Math.max(0.01, step / total));
  const spent = (now - running.startedAt) / 1000;
  const { preview } = running;
  return {
    ...answer,
    progress,
    eta_relative: secondsLeft ?? spent / progress - spent,
    current_image: withPicture && preview ? Buffer.from(preview).toString('base64') : null,
  };
}
