import { once } from 'node:events';

/** Milliseconds after which a stop is forced: service managers kill after ten seconds. */
const LONGEST_STOP = 9000;

/**
 * For commands that run until they are stopped, by the signal or by SIGTERM. What they then have to end has a few seconds.
 *
 * @param signal aborts at Ctrl+C.
 */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  // Heard after Ctrl+C as well, which it would otherwise cut short.
  process.once('SIGTERM', () => stop.abort());
  const stopped = AbortSignal.any([signal, stop.signal]);
  if (!stopped.aborted) await once(stopped, 'abort');
  setTimeout(() => process.exit(1), LONGEST_STOP).unref();
}
