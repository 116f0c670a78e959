import { randomBytes } from 'node:crypto';

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** 16 characters of Crockford's base32: 9 for the time in milliseconds, so that ids sort by age, and 7 random ones. */
export function newJobId(now = Date.now()): string {
  return startOfJobIds(now) + [...randomBytes(7)].map((byte) => LETTERS[byte % 32]).join('');
}

/** Sorts above all ids of earlier jobs and below those of this millisecond. */
export function startOfJobIds(now = Date.now()): string {
  let time = '';
  for (let rest = now, i = 0; i < 9; i++, rest = Math.floor(rest / 32)) time = LETTERS[rest % 32] + time;
  return time;
}
