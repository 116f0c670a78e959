import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Response as Answer, type Dispatcher, EnvHttpProxyAgent, fetch } from 'undici';
import { EaselError } from '../engine/errors.js';
import { version } from '../engine/version.js';
import { ConnectionLost, HttpRefusal, nameOf } from './refused.js';

/** Who may see which token. Keys are origins. */
export type Credentials = ReadonlyMap<string, string>;

export interface WebOptions {
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  /** Addresses of proxies, from the environment; none goes straight to the host. */
  readonly proxies?: { readonly httpProxy?: string; readonly httpsProxy?: string; readonly noProxy?: string };
  /** Milliseconds in which a host must answer, and in which a download must bring {@link LEAST_BYTES}. */
  readonly patience?: number;
  /** Called before waiting, with the reason. */
  readonly onWait?: (why: string) => void;
}

/** Bytes that a download must bring in each while: a host that trickles holds nobody for ever. */
export const LEAST_BYTES = 4096;
const PATIENCE = 60_000;
const MOST_REDIRECTS = 10;
const TRIES = 5;
/** Longest wait, in milliseconds, that a host may ask for. */
const LONGEST_WAIT = 10 * 60_000;
/** Of an answer of the Hub's API. */
const MOST_ANSWER = 32 * 2 ** 20;
/** Answers of the API in one run: a listing may be long, but not endless. */
const MOST_ANSWERS = 300;

/**
 * Requests to the Hub and to other hosts. A token is only ever sent to the origin that it is for, whatever an answer
 * redirects or links to.
 */
export class Web {
  readonly patience: number;
  /** Aborts when the caller's does, or after {@link stop}. */
  readonly signal: AbortSignal;
  readonly #options: WebOptions;
  readonly #stopped = new AbortController();
  readonly #dispatcher: Dispatcher;
  #answers = 0;

  constructor(options: WebOptions) {
    this.#options = options;
    this.patience = options.patience ?? PATIENCE;
    this.signal = AbortSignal.any([options.signal, this.#stopped.signal]);
    const timeouts = { connect: { timeout: this.patience }, headersTimeout: this.patience, bodyTimeout: this.patience };
    const { proxies = {} } = options;
    // Some versions of it warn that it is new.
    this.#dispatcher =
      proxies.httpProxy || proxies.httpsProxy
        ? new EnvHttpProxyAgent({ ...timeouts, ...proxies })
        : new Agent(timeouts);
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#stopped.abort(new EaselError('Another file failed.'));
  }

  /** For the client library of the Hub, whose answers are small: whole, bounded in size, time and number. */
  readonly fetch = (async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    if (++this.#answers > MOST_ANSWERS) throw new EaselError('The listing of the repository does not end.');
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    for (let tried = 1; ; tried++) {
      try {
        const deadline = AbortSignal.timeout(2 * this.patience);
        const response = await this.get(url, headers, deadline);
        const body = await wholeBody(response, url);
        return new Response(body, { status: response.status, headers: [...response.headers] });
      } catch (error) {
        if (this.signal.aborted || tried >= TRIES || !(error instanceof ConnectionLost)) throw error;
        await this.pause(tried, error.message);
      }
    }
  }) as typeof globalThis.fetch;

  /**
   * Follows redirects, and waits where a host is busy.
   *
   * @throws HttpRefusal for any answer without a file. ConnectionLost, which may be tried again.
   */
  async get(from: URL, headers: Readonly<Record<string, string>>, stop?: AbortSignal): Promise<Answer> {
    for (let tried = 1; ; tried++) {
      const { response, url, authorised } = await this.#follow(from, headers, stop);
      const { status } = response;
      // 416 is about the range that was asked for: whoever asked knows what to do.
      if (response.ok || status === 416) return response;
      const errorCode = response.headers.get('x-error-code') ?? undefined;
      const after = response.headers.get('retry-after');
      await response.body?.cancel().catch(() => {});
      const busy = status === 429 || status === 408 || status >= 500;
      if (!busy || tried >= TRIES) throw new HttpRefusal(url, status, errorCode, authorised);
      await this.pause(tried, `${url.host} answers with status ${status}`, after);
    }
  }

  /** Waits as long as a host asks for, otherwise longer each time. @throws EaselError if that is too long. */
  async pause(tried: number, why: string, retryAfter: string | null = null): Promise<void> {
    const wait = waitOf(retryAfter) ?? Math.min(this.patience, 1000 * 2 ** (tried - 1)) * (0.5 + Math.random() / 2);
    if (wait > LONGEST_WAIT) {
      throw new EaselError(
        `${why} and asks to come back in ${Math.ceil(wait / 60_000)} minutes. Give the same command then.`,
      );
    }
    this.#options.onWait?.(`${why.replace(/\.?$/, '.')} Trying again in ${Math.ceil(wait / 1000)} s.`);
    await sleep(wait, undefined, { signal: this.signal });
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #follow(from: URL, headers: Readonly<Record<string, string>>, stop: AbortSignal | undefined) {
    let url = from;
    for (let step = 0; step <= MOST_REDIRECTS; step++) {
      const token = this.#options.credentials.get(url.origin);
      const response = await this.#request(
        url,
        { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
        stop,
      );
      const location = response.status >= 300 && response.status < 400 && response.headers.get('location');
      if (!location) return { response, url, authorised: token !== undefined };
      await response.body?.cancel().catch(() => {});
      if (!URL.canParse(location, url.href)) break;
      const next = new URL(location, url);
      if (next.protocol !== 'https:' && next.protocol !== url.protocol) {
        throw new EaselError(
          `${nameOf(url)} leads to ${next.protocol}//${next.host}, which is not safe to fetch from.`,
        );
      }
      url = next;
    }
    throw new EaselError(`${nameOf(from)} leads from one address to the next without end.`);
  }

  async #request(url: URL, headers: Readonly<Record<string, string>>, stop: AbortSignal | undefined): Promise<Answer> {
    const signal = AbortSignal.any([this.signal, ...(stop ? [stop] : [])]);
    try {
      return await fetch(url, {
        headers: { 'accept-encoding': 'identity', ...headers, 'user-agent': `easel/${version}` },
        redirect: 'manual',
        dispatcher: this.#dispatcher,
        signal,
      });
    } catch (cause) {
      this.signal.throwIfAborted();
      throw lost(url, cause);
    }
  }
}

/** What a broken connection means, for people. */
export function lost(url: URL, cause: unknown): ConnectionLost {
  const inner = (cause as { cause?: NodeJS.ErrnoException }).cause;
  const code = inner?.code ?? inner?.message ?? (cause as Error).message;
  const hint =
    code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? ' Is this machine online? Behind a proxy, set HTTPS_PROXY.' : '';
  return new ConnectionLost(`${url.host} cannot be reached or broke the connection (${code}).${hint}`, { cause });
}

async function wholeBody(response: Answer, url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > MOST_ANSWER) throw new EaselError(`${nameOf(url)} answers with more than any listing holds.`);
      chunks.push(chunk as Uint8Array);
    }
  } catch (error) {
    if (error instanceof EaselError) throw error;
    throw lost(url, error);
  }
  return Buffer.concat(chunks);
}

/** Seconds, or a date (RFC 9110, 10.2.3), in milliseconds from now. */
function waitOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const wait = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}
