import { type Models, modelNamed, type OfferedModel } from '../models/models.js';
import type { Preference, Preferred } from '../rules/preferences.js';
import type { Settings } from '../rules/settings.js';
import { findStyle } from '../rules/styles.js';
import type { Notice } from '../text/notice.js';
import { BlockedWords } from '../words/blocked-words.js';

/** Preferences that could not be used: the request is painted all the same, and its author is told. */
const TEXTS = {
  preferModel: 'Your preferred model "{{model}}" cannot be used for this, so another one was.',
  preferStyle: 'Your preferred style "{{style}}" is not one of this server\'s, so it was left out.',
  preferNegative: 'Your preferred negative prompt has words that are not allowed here. It was left out.',
};

/** What a request is about to be made of. */
interface Asked {
  /** What its author chose: their preferences for those do not count. */
  readonly chosen: readonly Preference[];
  readonly settings: Pick<Settings, 'styles' | 'refused'>;
  readonly models: Models;
  /** Whether a model can paint what was chosen. */
  readonly fits: (model: OfferedModel) => boolean;
}

/**
 * A member's preferences as far as they can be used here. They come after what the member chose and before the server's
 * defaults; but the server's rules bind them as they bind what is typed, except that nobody typed them: what is not
 * possible is no reason to refuse.
 */
export function usable(
  preferred: Preferred,
  { chosen, settings, models, fits }: Asked,
): { readonly preferred: Preferred; readonly notices: readonly Notice[] } {
  const { model, style, negative, ...rest } = withoutChosen(preferred, chosen);
  const found = model === undefined ? undefined : modelNamed(models, model);
  const paints = found?.allowed && fits(found);
  const known = style === undefined ? undefined : findStyle(settings, style);
  const clean = negative !== undefined && new BlockedWords(settings.refused).in(negative) === undefined;
  return {
    preferred: {
      ...rest,
      ...(paints && { model: found.name }),
      ...(known && { style: known.name }),
      ...(clean && { negative }),
    },
    notices: [
      ...(model !== undefined && !paints ? [notice('preferModel', { model })] : []),
      ...(style !== undefined && !known ? [notice('preferStyle', { style })] : []),
      ...(negative !== undefined && !clean ? [notice('preferNegative', {})] : []),
    ],
  };
}

function withoutChosen(preferred: Preferred, chosen: readonly Preference[]): Preferred {
  return Object.fromEntries(Object.entries(preferred).filter(([name]) => !chosen.includes(name as Preference)));
}

function notice(code: keyof typeof TEXTS, values: Record<string, string>): Notice {
  const text = Object.entries(values).reduce(
    (text, [name, value]) => text.replace(`{{${name}}}`, () => value),
    TEXTS[code],
  );
  return { text, meaning: { code, values } };
}
