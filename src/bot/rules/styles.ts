import { checkLength, lengthReplaced } from '../request/length.js';
import type { PaintRequest } from '../request/paint-request.js';
import { Refusal } from '../text/refusal.js';
import type { Settings, Style } from './settings.js';

/** Most styles per guild: as many as autocompletion can show. */
export const MAX_STYLES = 25;
export const MAX_STYLE_NAME = 32;

/** Where the prompt goes in a style. */
const PLACE = '{prompt}';

type Words = Pick<PaintRequest, 'prompt' | 'negative'>;

export function findStyle({ styles }: Pick<Settings, 'styles'>, name: string): Style | undefined {
  return styles.find((style) => sameFor(style.name) === sameFor(name));
}

/** Normalizes differences that readers ignore in a name: case, and the encoding of accents. */
function sameFor(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

/** The prompts with a style's words. @throws Refusal if the guild has no such style, or the result is too long. */
export function styled(words: Words, name: string | null, settings: Pick<Settings, 'styles'>): Words {
  if (name === null) return words;
  const style = findStyle(settings, name);
  if (!style) throw new Refusal('noStyle', { style: name });
  // A style may contain the placeholder many times.
  checkLength(lengthReplaced(style.prompt, PLACE, words.prompt), 'prompt');
  const prompt = style.prompt.includes(PLACE)
    ? style.prompt.replaceAll(PLACE, () => words.prompt)
    : joined(words.prompt, style.prompt);
  return { prompt, negative: joined(words.negative, style.negative) };
}

function joined(...texts: string[]): string {
  return texts.filter((text) => text.trim() !== '').join(', ');
}
