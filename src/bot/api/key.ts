import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether the header `Authorization` has the key: as OpenAI's clients send it, `Bearer key`, or as AUTOMATIC1111's with
 * `--api-auth user:password` do, by HTTP basic: the key is the password, whatever the user, or both if it has a colon.
 */
export function hasKey(key: string, authorization: string | undefined): boolean {
  const [, scheme, sent] = /^(bearer|basic)\s+(.+)$/i.exec(authorization?.trim() ?? '') ?? [];
  if (scheme === undefined) return false;
  if (scheme.toLowerCase() === 'bearer') return same(key, sent!);
  const both = Buffer.from(sent!, 'base64').toString('utf8');
  return [same(key, both), same(key, both.slice(both.indexOf(':') + 1))].some(Boolean);
}

/** In a time that does not depend on where they differ. */
function same(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
