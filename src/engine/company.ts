interface Call {
  readonly kind: string | null;
  readonly size: number;
  readonly begin: () => void;
}

export interface CallOptions {
  /** Calls of one kind may run together; null runs alone. */
  kind?: string | null;
  /** How much of the room it takes; a call that takes more than all of it runs alone. */
  size?: number;
  /** Ends the wait at once, with its reason. A running call keeps its place until it returns. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs calls in the order in which they were made: neighbours of one kind together, as far as there is room. Nobody is
 * overtaken: a call that does not fit closes the company to everybody after it.
 */
export class Company {
  readonly #room: number;
  #taken = 0;
  #running: Call[] = [];
  #waiting: Call[] = [];

  /** @param room of all that run together. 1 is one at a time. */
  constructor(room = 1) {
    this.#room = room;
  }

  async run<T>(call: () => Promise<T>, { kind = null, size = 1, signal }: CallOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    const own = await this.#admitted(kind, size, signal);
    try {
      return await call();
    } finally {
      this.#running.splice(this.#running.indexOf(own), 1);
      this.#taken -= own.size;
      this.#admit();
    }
  }

  #admitted(kind: string | null, size: number, signal?: AbortSignal): Promise<Call> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(call), 1);
        reject(signal!.reason);
        this.#admit();
      };
      const call: Call = {
        kind,
        size,
        begin: () => {
          signal?.removeEventListener('abort', leave);
          resolve(call);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(call);
      this.#admit();
    });
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#running.push(next);
      this.#taken += next.size;
      next.begin();
    }
  }

  #fits({ kind, size }: Call): boolean {
    const [other] = this.#running;
    return !other || (kind !== null && other.kind === kind && this.#taken + size <= this.#room);
  }
}
