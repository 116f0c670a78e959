/** What a test makes the API answer instead. */
export interface Fault {
  /** Method and path, such as /PATCH \/webhooks/. */
  match: RegExp;
  status: number;
  /** How often; for ever by default. */
  times?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Milliseconds to wait first. With status 0 the request then goes on. */
  delay?: number;
}

/** Answers of a server in trouble: 429, 500, 502 with a page of HTML, or late. */
export class Faults {
  readonly #faults: Fault[] = [];

  /** @returns what ends it. */
  add(fault: Fault): () => void {
    this.#faults.push(fault);
    return () => {
      const at = this.#faults.indexOf(fault);
      if (at >= 0) this.#faults.splice(at, 1);
    };
  }

  async next(method: string, path: string): Promise<Response | null> {
    const fault = this.#faults.find(({ match }) => match.test(`${method} ${path}`));
    if (!fault) return null;
    if (fault.times !== undefined && --fault.times <= 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    if (fault.delay) await new Promise((resolve) => setTimeout(resolve, fault.delay));
    if (fault.status === 0) return null;
    if (fault.status === 429) return tooMany(0.2, { 'x-ratelimit-scope': 'user', ...fault.headers });
    const body = fault.body ?? '<html><body><h1>Bad gateway</h1></body></html>';
    return new Response(body, { status: fault.status, headers: { 'content-type': 'text/html', ...fault.headers } });
  }
}

/** @param after seconds. */
export function tooMany(after: number, headers: Record<string, string> = {}): Response {
  const global = headers['x-ratelimit-global'] === 'true';
  return new Response(JSON.stringify({ message: 'You are being rate limited.', retry_after: after, global }), {
    status: 429,
    headers: {
      'content-type': 'application/json',
      'retry-after': String(Math.ceil(after)),
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset-after': String(after),
      'x-ratelimit-bucket': 'fault',
      ...headers,
    },
  });
}
