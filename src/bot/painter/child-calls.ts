import { EaselError, RequestError } from '../../engine/errors.js';
import type { Answer, Failure, FromChild, ToChild } from './messages.js';

type Type = Exclude<ToChild['type'], 'abort'>;
type Call<T extends Type = Type> = Extract<ToChild, { type: T }>;

/** The handlers of a child process, by type of call. */
export type Calls = {
  readonly [T in Type]?: (call: Call<T>, signal: AbortSignal, send: (message: FromChild) => void) => Promise<Answer>;
};

/** Answers the parent's calls until it is gone, since a child without a parent would paint for nobody. */
export function serve(calls: Calls): void {
  const aborts = new Map<number, AbortController>();
  const send = (message: FromChild) => void process.send?.(message, () => {});
  const memory = () => process.memoryUsage.rss();

  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group; the parent decides when its children end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('message', (call: ToChild) => {
    if (call.type === 'abort') aborts.get(call.id)?.abort();
    else void answer(call);
  });

  async function answer(call: Call): Promise<void> {
    const { id } = call;
    const abort = new AbortController();
    aborts.set(id, abort);
    try {
      const value = await resultOf(call, abort.signal);
      send({ type: 'done', id, value, memory: memory() });
    } catch (error) {
      if (abort.signal.aborted) send({ type: 'aborted', id, memory: memory() });
      else send({ type: 'failed', id, failure: failureOf(error), memory: memory() });
    } finally {
      aborts.delete(id);
    }
  }

  function resultOf(call: Call, signal: AbortSignal): Promise<Answer> {
    const handle = calls[call.type] as ((...args: [Call, AbortSignal, typeof send]) => Promise<Answer>) | undefined;
    if (!handle) throw new Error(`This process does not answer "${call.type}".`);
    return handle(call, signal, send);
  }

  function failureOf(error: unknown): Failure {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return {
      name,
      message,
      stack,
      ...(error instanceof EaselError && error.code && { code: error.code }),
      forAuthor: error instanceof RequestError && error.meaning,
    };
  }
}
