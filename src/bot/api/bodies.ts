import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ApiError } from './api-error.js';

/** Most bytes of a request: two pictures of ten megabytes in base64, and some more. */
const MOST = 32 * 2 ** 20;
/** Most bytes of the requests that are open at the same time. */
const MOST_TOGETHER = 8 * MOST;

/** Refuses bodies that are too large, and more of them at a time than there is memory for. */
export function boundedBodies(most = MOST, together = MOST_TOGETHER): MiddlewareHandler {
  let held = 0;
  const tooLarge = () => {
    throw new ApiError(413, `The body has more than ${most / 2 ** 20} MiB. Send smaller pictures.`);
  };
  const limit = bodyLimit({ maxSize: most, onError: tooLarge });
  return async (c, next) => {
    if (c.req.method === 'GET') return next();
    const declared = c.req.header('content-length');
    const bytes = declared === undefined ? most : Number(declared);
    if (held + Math.min(bytes, most) > together) {
      throw new ApiError(429, 'Too many large requests at once. Try again in a moment.', { retryAfter: 1 });
    }
    held += bytes;
    try {
      return await limit(c, next);
    } catch (error) {
      // Whoever sends it in pieces may go away between two.
      throw error instanceof ApiError ? error : new ApiError(400, 'The body ended early.');
    } finally {
      held -= bytes;
    }
  };
}
