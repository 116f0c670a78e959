import { setTimeout as sleep } from 'node:timers/promises';
import { RESTJSONErrorCodes as Code, DefaultRestOptions, type RESTOptions } from 'discord.js';
import type { DiscordClock } from './discord-clock.js';

type Request = RESTOptions['makeRequest'];
type Init = Parameters<Request>[1];

/**
 * Milliseconds that Discord waits for the first answer to an interaction (documentation, "Receiving and Responding").
 */
const FIRST_ANSWER = 3000;
/** One attempt may take longer than that: Discord may still accept it. */
const LONGEST_ATTEMPT = 10_000;
const FIRST_WAIT = 50;
const LONGEST_WAIT = 400;

/** Sent twice, these would create two of the same. Messages with a nonce are retried by whoever chose the nonce. */
const MAKES = /\/(messages|emojis|stickers)$|\/webhooks\/\d+\/[^/]+$/;

/** Whether Discord has received the first answer to an interaction is unknown, and cannot be found out. */
export class AnswerLost extends Error {
  override name = 'AnswerLost';
}

/**
 * discord.js's requests, with retries where it gives up: when the connection closes during a request, and for first
 * answers to interactions, as long as Discord waits for one. For those, an attempt may have been accepted although its
 * response was lost: `40060` after that means that it was.
 */
export function discordRequests(clock: DiscordClock, send: Request = DefaultRestOptions.makeRequest): Request {
  return async (url, init) => {
    const { pathname } = new URL(url);
    const response = isFirstAnswer(pathname) ? await answerFirst(send, url, init) : await ask(send, url, init);
    clock.learn(response.headers.get('date'));
    return response;
  };
}

function isFirstAnswer(path: string): boolean {
  return /\/interactions\/\d+\/[^/]+\/callback$/.test(path);
}

async function ask(send: Request, url: string, init: Init): Promise<Response> {
  try {
    return await whole(send, url, init);
  } catch (error) {
    const again = !(init.method === 'POST' && MAKES.test(new URL(url).pathname));
    if (!again || codeOf(error) !== 'UND_ERR_SOCKET') throw error;
    await sleep(FIRST_WAIT);
    // discord.js retries after this code as often as after others.
    const closed: NodeJS.ErrnoException = new Error('The connection closed before the answer came.', { cause: error });
    closed.code = 'ECONNRESET';
    throw closed;
  }
}

/** @throws AnswerLost */
async function answerFirst(send: Request, url: string, init: Init): Promise<Response> {
  const began = performance.now();
  let lost: unknown = null;
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      const response = await within(LONGEST_ATTEMPT, (signal) => whole(send, url, { ...init, signal }));
      const { status } = response;
      if (!lost && status < 500) return response;
      if (lost && status < 500 && status !== 429) return await afterLoss(response, url, lost);
      lost = new Error(`Discord answered ${status}.`);
    } catch (error) {
      if (error instanceof AnswerLost) throw error;
      lost = error;
    }
    if (performance.now() - began + wait > FIRST_ANSWER) break;
    await sleep(wait);
  }
  throw new AnswerLost('Whether Discord took the answer is not known.', { cause: lost });
}

/** Interprets Discord's response to an attempt after one whose response was lost. */
async function afterLoss(response: Response, url: string, cause: unknown): Promise<Response> {
  if (response.ok) return response;
  const { code } = (await response.clone().json()) as { code?: number };
  if (code === Code.InteractionHasAlreadyBeenAcknowledged) return taken(url);
  // Too late for this attempt, but the one before may have come in time.
  if (code === Code.UnknownInteraction) {
    throw new AnswerLost('Whether Discord took the answer is not known.', { cause });
  }
  return response;
}

/** The response to an accepted answer, without what only Discord's own could contain: the message. */
function taken(url: string): Response {
  const { pathname, searchParams } = new URL(url);
  if (searchParams.get('with_response') !== 'true') return new Response(null, { status: 204 });
  const [, id] = /\/interactions\/(\d+)\//.exec(pathname)!;
  return Response.json({ interaction: { id, type: 0 } });
}

/** Including the body, because a connection that closes in the middle of it loses the answer as well. */
async function whole(send: Request, url: string, init: Init): Promise<Response> {
  const response = await send(url, init);
  const { status, statusText, headers } = response;
  const body = await response.arrayBuffer();
  // These statuses allow no body, not even an empty one.
  return new Response([204, 205, 304].includes(status) ? null : body, { status, statusText, headers: [...headers] });
}

async function within<T>(time: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), time);
  try {
    return await act(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
