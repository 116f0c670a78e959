import type { Socket } from 'node:net';

/** What a test makes the API answer instead. */
export interface Fault {
  /** Method and path, such as /PATCH \/webhooks/. */
  match: RegExp;
  /** 0: no other answer; the request goes on. */
  status?: number;
  /** How often; for ever by default. */
  times?: number;
  /** How likely it is each time, 0 to 1; 1 by default. */
  chance?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Milliseconds to wait first, or what to wait for. */
  delay?: number | (() => Promise<unknown>);
  /** Milliseconds that the answer is kept back after the request was carried out. */
  late?: number;
  /** The request is carried out; only its answer is lost: replaced by `status`, or by the end of the connection. */
  carriedOut?: boolean;
  /** The connection ends without an answer. */
  closed?: boolean;
}

/** Answers of a server in trouble: 429, 500, 502 with a page of HTML, late, lost on the way, or none. */
export class Faults {
  /** What `chance` is drawn from; a test that wants the same run again gives its own. */
  random: () => number = Math.random;
  readonly #faults: Fault[] = [];

  /** @returns what ends it. */
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
   * Answers in the API's place, where there is something wrong.
   *
   * @param carryOut what the API would have done.
   */
  async answer(method: string, path: string, socket: Socket | undefined, carryOut: () => Promise<void>) {
    const fault = this.#next(`${method} ${path}`);
    if (!fault) return carryOut();
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
