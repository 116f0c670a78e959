import { Serial } from '../../engine/serial.js';

/** Lets one call at a time run for each key, in the order in which they came. */
export class SerialByKey {
  /** Of each key that has a call, with how many it has. */
  readonly #lines = new Map<string, { serial: Serial; calls: number }>();

  async run<T>(key: string, call: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? { serial: new Serial(), calls: 0 };
    this.#lines.set(key, line);
    line.calls++;
    try {
      return await line.serial.run(call);
    } finally {
      if (--line.calls === 0) this.#lines.delete(key);
    }
  }
}
