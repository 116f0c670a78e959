import { EaselError } from '../engine/errors.js';

/** What a host answered instead of what was asked for. Who asked knows what it means, and says so. */
export class HttpRefusal extends EaselError {
  constructor(
    readonly url: URL,
    readonly status: number,
    /** The Hub's X-Error-Code: GatedRepo, RepoNotFound, RevisionNotFound, EntryNotFound. */
    readonly errorCode: string | undefined,
    /** Whether a token was sent along. */
    readonly authorised: boolean,
  ) {
    super(`${nameOf(url)} answers with status ${status}.${status >= 500 || status === 429 ? ' Try again later.' : ''}`);
  }
}

/** A connection that cannot be made, breaks, or brings nothing for too long. Worth another try. */
export class ConnectionLost extends EaselError {}

/** An address for people and logs: without its query, where keys are, and without a password. */
export function nameOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
