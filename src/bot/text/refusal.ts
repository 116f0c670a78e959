import { EaselError } from '../../engine/errors.js';
import type { Translate } from './i18n.js';
import { quote } from './quote.js';

/** What the bot refuses to do, for the user, in their language: a key of the catalogues' `refusal` and its values. */
export class Refusal extends EaselError {
  override name = 'Refusal';

  constructor(
    readonly key: string,
    /** Strings are other people's words and are quoted; a function returns the bot's own, in the user's language. */
    readonly values: Record<string, string | number | ((t: Translate) => string)> = {},
  ) {
    super(`refused: ${key}`);
  }

  /** @param quoted how other people's words are shown: for Discord, unless something else is said. */
  text(t: Translate, quoted = (words: string) => quote(words, 200)): string {
    const values = Object.entries(this.values).map(([name, value]) => [
      name,
      typeof value === 'function' ? value(t) : typeof value === 'string' ? quoted(value) : value,
    ]);
    return String(t(`refusal.${this.key}`, Object.fromEntries(values)));
  }
}
