import { EaselError } from '../engine/errors.js';
import type { Translate } from './i18n.js';

/** What the bot will not do, for the user in their language: a key of the catalogues' `refusal` and its values. */
export class Refusal extends EaselError {
  override name = 'Refusal';

  constructor(
    readonly key: string,
    /** A function is asked for its text in the user's language. */
    readonly values: Record<string, string | number | ((t: Translate) => string)> = {},
  ) {
    super(`refused: ${key}`);
  }

  text(t: Translate): string {
    const values = Object.entries(this.values).map(([name, value]) => [
      name,
      typeof value === 'function' ? value(t) : value,
    ]);
    return String(t(`refusal.${this.key}`, Object.fromEntries(values)));
  }
}
