import type { Job, JobOrigin } from '../../src/bot/request/job.js';
import { newJobId } from '../../src/bot/request/job-id.js';
import type { Axis, CommonRequest, PaintRequest, SingleRequest } from '../../src/bot/request/paint-request.js';
import { DEFAULT_MODEL } from '../../src/config.js';

/** A small request to the embedded model. */
export function aRequest(changes: Partial<SingleRequest> = {}): SingleRequest {
  return {
    ...small(),
    kind: 'txt2img',
    ...changes,
  } as SingleRequest;
}

export function aTable(axes: readonly Axis[], changes: Partial<CommonRequest> = {}): PaintRequest {
  return { ...small(), kind: 'table', axes, ...changes };
}

function small(): CommonRequest {
  return {
    prompt: 'a red circle on white',
    negative: '',
    width: 64,
    height: 64,
    count: 1,
    steps: 2,
    scale: 5,
    sampler: 'ddim',
    seed: 42,
    model: DEFAULT_MODEL,
  };
}

export function aJob(origin: Partial<JobOrigin> = {}, request: Partial<PaintRequest> = {}): Job {
  const whole = { ...aRequest(), ...request } as PaintRequest;
  return {
    id: newJobId(),
    request: whole,
    origin: {
      applicationId: '1',
      token: 'aW50ZXJhY3Rpb24',
      tokenExpiresAt: Date.now() + 840_000,
      channelId: '2',
      guildId: '3',
      userId: '4',
      locale: 'en-GB',
      ephemeral: false,
      spoiler: false,
      attachmentSizeLimit: 10 * 2 ** 20,
      replyTo: null,
      userInstalled: false,
      ...origin,
    },
    createdAt: Date.now(),
    work: whole.width * whole.height * whole.steps * whole.count,
    attempts: 0,
  };
}
