import type { Context } from 'hono';
import { ApiError } from './api-error.js';

/** A page from elsewhere can send any other type without being asked whether it may. @throws ApiError */
export async function jsonOf(c: Context): Promise<unknown> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    throw new ApiError(415, 'Send JSON, and say so: Content-Type: application/json.');
  }
  return c.req.json().catch(() => {
    throw new ApiError(400, 'The body is not JSON.');
  });
}
