import { type DiscordError, invalidForm } from '../error.js';

/** The error for a missing field. */
export function required(path: string): DiscordError {
  return invalidForm(path, 'BASE_TYPE_REQUIRED', 'This field is required');
}

/** @throws DiscordError 50035 unless `length` is between the two. */
export function between(path: string, length: number, least: number, most: number): void {
  if (length >= least && length <= most) return;
  throw invalidForm(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${least} and ${most} in length.`);
}

/** Length in characters as Discord counts them: code points (discord/discord-api-docs issue 1315). */
export function characters(text: string): number {
  return [...text].length;
}

/** @throws DiscordError 50035 for a text that is too long. */
export function atMost(path: string, text: string | null | undefined, limit: number): void {
  if (text && characters(text) > limit) {
    throw invalidForm(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limit} or fewer in length.`);
  }
}
