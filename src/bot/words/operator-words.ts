import { EaselError } from '../../engine/errors.js';
import { isTooWide } from './blocked-words.js';
import { listed } from './listed.js';

/** The words that the operator refuses everywhere. @throws EaselError for a pattern that would refuse nearly every prompt. */
export function operatorWords({ blockedWords }: { readonly blockedWords: string }): string[] {
  const words = listed(blockedWords);
  const wide = words.find(isTooWide);
  if (wide === undefined) return words;
  throw new EaselError(
    `BLOCKED_WORDS has ${JSON.stringify(wide)}, which would refuse nearly every prompt. Give a pattern with * at least two letters.`,
  );
}
