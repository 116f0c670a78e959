import { PermissionFlagsBits, PermissionsBitField, TimestampStyles, time } from 'discord.js';
import type { Config } from '../../config.js';
import { purposeOf } from '../../engine/purpose.js';
import type { Place } from '../gateway/place.js';
import { type ControlOffer, controlFor } from '../models/controls.js';
import type { Models, OfferedModel } from '../models/models.js';
import { type UpscalerOffer, upscalerFor } from '../models/upscalers.js';
import { checkAxes } from '../request/axes.js';
import { checkLength } from '../request/length.js';
import { type PaintRequest, upscalerOf } from '../request/paint-request.js';
import { workOf } from '../request/work.js';
import type { Limits } from '../rules/limits.js';
import { checkPlace } from '../rules/place-rules.js';
import { perHourFor } from '../rules/quotas.js';
import type { Settings } from '../rules/settings.js';
import { lengthOf } from '../text/cut.js';
import { Refusal } from '../text/refusal.js';
import { checkWords } from '../words/check-words.js';

export interface AdmissionNeeds extends ControlOffer, UpscalerOffer {
  readonly limits: Limits;
  readonly models: Models;
  readonly config: Pick<Config, 'maxWork'>;
}

/** A request that was admitted. */
export interface Admission {
  /** Returns the pictures to the hourly limits when the request comes to nothing. */
  refund(): Promise<void>;
}

/**
 * Checks everything that may be refused, cheapest first, before anything is acknowledged: channel, role, permissions,
 * model, length, words, work, and last the hourly limits of the user and the guild.
 *
 * @throws Refusal
 */
export async function admit(
  needs: AdmissionNeeds,
  place: Place,
  settings: Settings,
  request: PaintRequest,
): Promise<Admission> {
  checkPlace(settings, place);
  checkPermissions(place);
  await checkRequest(needs, settings, request);
  const { userId, guildId, roles } = place;
  const perHour = perHourFor(settings, roles);
  const taken = await needs.limits.take({ userId, guildId, pictures: request.count, perHour });
  if (!taken.ok && taken.who === 'nobody') {
    throw new Refusal('ratePictures', { pictures: request.count, limit: taken.limit });
  }
  if (!taken.ok) {
    const when = time(Math.ceil(taken.retryAt / 1000), TimestampStyles.RelativeTime);
    throw new Refusal(taken.who === 'user' ? 'rate' : 'guildRate', { when: () => when });
  }
  return { refund: () => taken.refund() };
}

/** The permissions needed to show pictures. For user installations, interactions carry all of them. */
function checkPermissions({ guildId, appPermissions, isThread, userInstalled }: Place): void {
  if (!guildId || userInstalled) return;
  const { ViewChannel, SendMessages, SendMessagesInThreads, AttachFiles } = PermissionFlagsBits;
  const needed = new PermissionsBitField([ViewChannel, isThread ? SendMessagesInThreads : SendMessages, AttachFiles]);
  const missing = new PermissionsBitField(appPermissions).missing(needed, true);
  if (missing.length === 0) return;
  throw new Refusal('permissions', { permissions: (t) => missing.map((name) => t(`permission.${name}`)).join(', ') });
}

/**
 * That what a request is painted with is on offer: it may have been taken away since the request was made.
 *
 * @returns its model. @throws Refusal
 */
export function checkOffered(
  { models, controls, upscalers }: Pick<AdmissionNeeds, 'models' | 'controls' | 'upscalers'>,
  request: PaintRequest,
): OfferedModel {
  const offered = models.get(request.model);
  if (!offered) throw new Refusal('noModel', { model: request.model });
  if (!offered.allowed) throw new Refusal('unsafeModel', { model: request.model });
  const upscaler = upscalerOf(request);
  if (upscaler !== undefined) upscalerFor({ upscalers }, upscaler);
  if (request.control) controlFor({ controls }, request.control.kind, request.model);
  return offered;
}

/** What does not depend on who asks, and where. @throws Refusal */
export async function checkRequest(
  { models, config, controls, upscalers }: Omit<AdmissionNeeds, 'limits'>,
  { refused }: Pick<Settings, 'refused'>,
  request: PaintRequest,
): Promise<void> {
  const offered = checkOffered({ models, controls, upscalers }, request);
  const fromWords = request.kind === 'txt2img' || request.kind === 'table';
  if (fromWords && purposeOf(offered.model) === 'edit') throw new Refusal('needsPicture', { model: request.model });
  if (request.kind === 'blend' && purposeOf(offered.model) === 'edit') {
    throw new Refusal('cannotBlend', { model: request.model });
  }
  if (request.tile && offered.model.kind === 'onnx') throw new Refusal('tileUnfit', { model: request.model });
  if (request.tile && request.control) throw new Refusal('tileSteered');
  checkLength(lengthOf(request.prompt), 'prompt');
  checkLength(lengthOf(request.negative), 'negative');
  checkAxes(request);
  await checkWords(offered, refused, request);
  if (workOf(request) > config.maxWork) throw new Refusal('work');
}
