import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ZodError } from 'zod';
import { EaselError, RequestError } from '../../engine/errors.js';
import { cut } from '../text/cut.js';
import { translateFor } from '../text/i18n.js';
import { oneLine } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';

interface Details {
  /** OpenAI's word for it. */
  readonly code?: string;
  /** The field that is wrong. */
  readonly param?: string;
  /** Seconds after which it may be tried again. */
  readonly retryAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a request over the HTTP API is not answered with pictures. Each interface gives it its own shape. */
export class ApiError extends EaselError {
  override name = 'ApiError';

  constructor(
    readonly status: ContentfulStatusCode,
    message: string,
    readonly details: Details = {},
  ) {
    super(message);
  }

  get headers(): Record<string, string> {
    const { retryAfter, headers } = this.details;
    return {
      ...headers,
      ...(retryAfter !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
    };
  }
}

/** The queue has no place for whoever asks. */
const FULL = [429, 'Too many requests are waiting. Try again when some are done.', 'rate_limit_exceeded'] as const;

/** Texts of refusals that would speak of Discord, and what each is in HTTP. */
const REFUSALS: Readonly<Record<string, readonly [ContentfulStatusCode, message: string | null, code?: string]>> = {
  userQueue: FULL,
  guildQueue: FULL,
  store: [503, 'The database is not responding. Try again in a minute.'],
  stopping: [503, 'The server is stopping. Try again in a minute.'],
  modelAway: [503, null],
  noModel: [404, null, 'model_not_found'],
  words: [400, 'The prompt has words that are not allowed here.', 'content_policy_violation'],
  needsPicture: [400, 'This model edits pictures as it is told: send it one, and say in the prompt what to change.'],
  cannotBlend: [400, 'This model edits one picture, and cannot blend several.'],
};

/** Seconds to wait where nothing better is known. */
const SOON = 5;

/** @returns null for what only the operator can mend: it belongs into the log. */
export function apiErrorOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    const param = issue!.path.join('.');
    return new ApiError(400, `${param || 'The body'}: ${issue!.message}`, param ? { param } : {});
  }
  if (error instanceof Refusal) {
    const [status, own, code] = REFUSALS[error.key] ?? [400, null];
    const again = status === 429 || status === 503 ? { retryAfter: SOON } : {};
    return new ApiError(status, own ?? error.text(translateFor('en'), (words) => cut(oneLine(words), 200)), {
      ...(code && { code }),
      ...again,
    });
  }
  if (error instanceof RequestError) return new ApiError(400, error.message);
  return null;
}
