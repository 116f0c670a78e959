import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** Memory of this process that no file backs (Linux). */
export function anonymousMegabytes(): number {
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}

/** Watches the anonymous memory from another thread: a running session blocks this one. */
export class PeakMemory implements AsyncDisposable {
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #worker = new Worker(
    `const { readFileSync } = require('node:fs');
     const shared = require('node:worker_threads').workerData;
     while (Atomics.wait(shared, 1, 0, 10) === 'timed-out') {
       const kilobytes = Number(/RssAnon:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
       Atomics.store(shared, 0, Math.max(shared[0], kilobytes));
     }`,
    { eval: true, workerData: this.#shared },
  );

  /** The most seen so far. */
  megabytes(): number {
    return Atomics.load(this.#shared, 0) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Atomics.store(this.#shared, 1, 1);
    Atomics.notify(this.#shared, 1);
    await this.#worker.terminate();
  }
}
