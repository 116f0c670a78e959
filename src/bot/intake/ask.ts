import { setTimeout as sleep } from 'node:timers/promises';
import type { Interaction } from 'discord.js';
import { type Answerable, type Place, placeOf } from '../gateway/place.js';
import type { GuildSettings, Settings } from '../rules/settings.js';
import { type Translate, translateFor } from '../text/i18n.js';

/**
 * Milliseconds until the first answer must be sent: Discord waits for three seconds, and sending takes some of them.
 */
const FIRST_ANSWER = 2500;

/**
 * An interaction, with everything that is derived from it, once. The router creates it and passes it to the handler.
 */
export interface Ask<I extends Interaction = Answerable> {
  readonly interaction: I;
  readonly place: Place;
  /** In the language of the member who asks. */
  readonly t: Translate;
  /** When the first answer must be sent, in milliseconds since the epoch by this machine's clock. */
  readonly deadline: number;
  /** The guild's rules, read once, when first needed. @throws Refusal as `GuildSettings.of`. */
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

/** Milliseconds for a step before the first answer: `longest`, but no more than is left. */
export function timeFor({ deadline }: Pick<Ask, 'deadline'>, longest: number): number {
  return Math.max(0, Math.min(longest, deadline - Date.now()));
}

/** Milliseconds: Discord waits three seconds for the first answer. */
const INSPECT_TIMEOUT = 1500;

/** What is read of a picture before the first answer; undefined if that takes too long. */
export function readSoon<T>(ask: Pick<Ask, 'deadline'>, reading: Promise<T> | undefined): Promise<T | undefined> {
  return Promise.race([reading, sleep(timeFor(ask, INSPECT_TIMEOUT), undefined, { ref: false })]);
}
