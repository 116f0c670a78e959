import { EaselError } from '../../engine/errors.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Failure, FromChild, Painted, PictureSize, ToChild } from './messages.js';

type Call<T extends ToChild['type']> = Extract<ToChild, { type: T }>;
type Value = Painted | ReadParameters | PictureSize | Uint8Array | null;

/** What a child does with each kind of call. */
export interface Calls {
  paint?(call: Call<'paint'>, signal: AbortSignal, send: (message: FromChild) => void): Promise<Value>;
  inspect?(call: Call<'inspect'>): Promise<Value>;
  size?(call: Call<'size'>): Promise<Value>;
  expression?(call: Call<'expression'>): Promise<Value>;
  forAuthor(error: unknown): boolean;
}

/** Answers the parent's calls until it goes away: a child without a parent would paint for nobody. */
export function serve(calls: Calls): void {
  const aborts = new Map<number, AbortController>();
  const send = (message: FromChild) => void process.send?.(message, () => {});
  const memory = () => process.memoryUsage.rss();

  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group of processes; the parent decides when its children end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('message', (call: ToChild) => {
    if (call.type === 'abort') aborts.get(call.id)?.abort();
    else void answer(call);
  });

  async function answer(call: Exclude<ToChild, { type: 'abort' }>): Promise<void> {
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

  async function resultOf(call: Exclude<ToChild, { type: 'abort' }>, signal: AbortSignal): Promise<Value> {
    if (call.type === 'paint') return calls.paint!(call, signal, send);
    if (call.type === 'inspect') return calls.inspect!(call);
    if (call.type === 'expression') return calls.expression!(call);
    return calls.size!(call);
  }

  function failureOf(error: unknown): Failure {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const meaning = error instanceof EaselError ? error.meaning : undefined;
    return { name, message, stack, forAuthor: calls.forAuthor(error), meaning };
  }
}
