import type { Socket } from 'node:net';

/** An error that a test makes the API return. */
export interface Fault {
  /** Method and path, such as /PATCH \/webhooks/. */
  match: RegExp;
  /** 0: no error; the request goes on. */
  status?: number;
  /** How often; for ever by default. */
  times?: number;
  /** Probability each time, 0 to 1; 1 by default. */
  chance?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Milliseconds to wait first, or a promise to wait for. */
  delay?: number | (() => Promise<unknown>);
  /** Milliseconds for which the response is held back after the request was carried out. */
  late?: number;
  /** The request is carried out, and only its response is lost: replaced by `status`, or by closing the connection. */
  carriedOut?: boolean;
  /** The connection is closed without a response. */
  closed?: boolean;
}

/** Responses of a server in trouble: 429, 500, 502 with an HTML page, late, lost, or none. */
export class Faults {
  /** The source of `chance`; a test that must be reproducible sets its own. */
  random: () => number = Math.random;
  readonly #faults: Fault[] = [];

  /** @returns a function that ends the fault. */
  add(fault: Fault): () => void {
    this.#faults.push(fault);
    return () => {
      const at = this.#faults.indexOf(fault);
      if (at >= 0) this.#faults.splice(at, 1);
    };
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /**
   * Responds in the API's place if there is a fault.
   *
   * @param carryOut does what the API would have done.
   */
  async answer(
    method: string,
    path: string,
    socket: Socket | undefined,
    carryOut: () => Promise<void>,
  ): Promise<Response | undefined> {
    const fault = this.#next(`${method} ${path}`);
    if (!fault) return void (await carryOut());
    const { status = 0, delay = 0, late = 0, carriedOut = false, closed = false, headers, body } = fault;
    await (typeof delay === 'number' ? sleep(delay) : delay());
    if (carriedOut || (status === 0 && !closed)) await carryOut();
    await sleep(late);
    if (closed) {
      socket?.destroy();
      return new Response(null, { status: 500 });
    }
    if (status === 0) return;
    if (status === 429) return tooMany(0.2, { 'x-ratelimit-scope': 'user', ...headers });
    return new Response(body ?? '<html><body><h1>Bad gateway</h1></body></html>', {
      status,
      headers: { 'content-type': body?.startsWith('{') ? 'application/json' : 'text/html', ...headers },
    });
  }

  #next(request: string): Fault | undefined {
    const fault = this.#faults.find(({ match, chance = 1 }) => match.test(request) && this.random() < chance);
    if (fault?.times !== undefined && --fault.times <= 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    return fault;
  }
}

async function sleep(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
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
