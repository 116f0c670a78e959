import type { Interaction } from 'discord.js';
import { type Answerable, type Place, placeOf } from '../gateway/place.js';
import type { GuildSettings, Settings } from '../rules/settings.js';
import { type Translate, translateFor } from '../text/i18n.js';

/** Milliseconds until Discord has to have the first answer: it waits three seconds, and the answer takes some of them. */
const FIRST_ANSWER = 2500;

/** One interaction, and all that is worked out of it once. The router makes it; whatever answers is given it. */
export interface Ask<I extends Interaction = Answerable> {
  readonly interaction: I;
  readonly place: Place;
  /** In the language of whoever asks. */
  readonly t: Translate;
  /** By this machine's clock, milliseconds since the epoch: when the first answer has to be on its way. */
  readonly deadline: number;
  /** The guild's rules, read when they are first wanted, and then never again. @throws Refusal as `GuildSettings.of`. */
  settings(): Promise<Settings>;
}

export function askOf<I extends Interaction>(interaction: I, rules: GuildSettings): Ask<I> {
  let settings: Promise<Settings> | undefined;
  return {
    interaction,
    place: placeOf(interaction),
    t: translateFor(interaction.locale),
    deadline: Date.now() + FIRST_ANSWER,
    settings() {
      settings ??= rules.of(interaction.guildId);
      return settings;
    },
  };
}

/** Milliseconds for one of the things that come before the first answer: at most `longest`, and no more than is left. */
export function timeFor({ deadline }: Pick<Ask, 'deadline'>, longest: number): number {
  return Math.max(0, Math.min(longest, deadline - Date.now()));
}
