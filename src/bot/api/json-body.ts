import type { Context } from 'hono';
import { ApiError } from './api-error.js';

/** Most values of a body. Pictures are one each; five thousand inside one another are too deep to be answered with. */
const MOST_VALUES = 2000;

export class NotJson extends ApiError {
  constructor() {
    super(400, 'The body is not JSON.');
  }
}

/** A page from elsewhere can send any other type without being asked whether it may. @throws ApiError */
export async function jsonOf(c: Context): Promise<unknown> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    throw new ApiError(415, 'Send JSON, and say so: Content-Type: application/json.');
  }
  const text = await c.req.text().catch(() => {
    throw new NotJson();
  });
  return parsed(text);
}

/** Counted first: what checks each of millions of values takes minutes, and all the memory there is. @throws ApiError */
export function parsed(text: string): unknown {
  let values = 0;
  for (const _ of text.matchAll(/[[{,]/g)) {
    if (++values > MOST_VALUES) throw new ApiError(400, `The body has more than ${MOST_VALUES} values.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new NotJson();
  }
}
