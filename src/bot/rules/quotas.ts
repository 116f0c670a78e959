import { Refusal } from '../text/refusal.js';
import type { Settings } from './settings.js';

/** Most roles of a guild with a number of their own. */
export const MAX_QUOTAS = 25;

/**
 * Pictures per hour that a guild gives a member with these roles: none of its limits with an exempt role, otherwise the
 * most that one of the roles gives, otherwise what everybody has. The operator's limit holds in any case.
 *
 * @returns undefined without a limit of the guild.
 */
export function perHourFor(
  { perHour, quotas, exempt }: Pick<Settings, 'perHour' | 'quotas' | 'exempt'>,
  roles: readonly string[],
): number | undefined {
  if (exempt.some((id) => roles.includes(id))) return undefined;
  const own = quotas.filter(({ role }) => roles.includes(role)).map((quota) => quota.perHour);
  return own.length > 0 ? Math.max(...own) : perHour || undefined;
}

/** The quotas with one role's changed; 0 takes it away. @throws Refusal if there are too many. */
export function withQuota({ quotas }: Pick<Settings, 'quotas'>, role: string, perHour: number): Settings['quotas'] {
  const others = quotas.filter((quota) => quota.role !== role);
  if (perHour > 0 && others.length >= MAX_QUOTAS) throw new Refusal('tooManyQuotas', { limit: MAX_QUOTAS });
  return perHour === 0 ? others : [...others, { role, perHour }];
}
