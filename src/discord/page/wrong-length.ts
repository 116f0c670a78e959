import { characters } from '../rules/fields.js';
import { t } from './words.js';

/** Why a text cannot be sent for its length, in the words of Discord's client; null if it can. */
export function wrongLength(text: string, least: number, most: number): string | null {
  const length = characters(text);
  if (length < least) return t('wrong.short', { least });
  return length > most ? t('wrong.long', { most, length }) : null;
}
