import { lengthOf } from '../text/cut.js';
import { Refusal } from '../text/refusal.js';
import { MAX_WORDS } from './bounds.js';

/** @param length as {@link lengthOf} counts, which may be known before the text is built. @throws Refusal if it is too long. */
export function checkLength(length: number, of: 'prompt' | 'negative'): void {
  if (length > MAX_WORDS)
    throw new Refusal(of === 'prompt' ? 'promptLong' : 'negativeLong', { length, limit: MAX_WORDS });
}

/** The length of a text after each `from` in it is replaced by `to`. */
export function lengthReplaced(text: string, from: string, to: string): number {
  const times = from === '' ? 0 : text.split(from).length - 1;
  return lengthOf(text) + times * (lengthOf(to) - lengthOf(from));
}
