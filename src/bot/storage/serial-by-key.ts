import { Serial } from '../../engine/serial.js';

/** Runs one call at a time for each key, in order of arrival. */
export class SerialByKey {
  /** For each key with calls, how many there are. */
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
