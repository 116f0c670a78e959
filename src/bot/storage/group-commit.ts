import type { Database } from 'libsql';

/** A transaction that writes still join. */
interface Group {
  readonly committed: Promise<void>;
  settle(error?: unknown): void;
}

/**
 * Group commit: what is written in one turn of the event loop is one transaction. Every transaction waits for the disk,
 * milliseconds on a slow one, so that a crowd whose requests were written one by one would wait for Discord's patience
 * to run out.
 *
 * Invariants: a write resolves once it is on the disk, and rejects if it is not; no transaction outlives its turn.
 */
export class GroupCommit {
  #group: Group | null = null;

  constructor(private readonly database: Database) {}

  /** @throws what SQLite reports, about this write or about the whole group. */
  async write<T>(run: () => T): Promise<T> {
    const { committed } = this.#join();
    const result = this.#run(run);
    await committed;
    return result;
  }

  /** Writes with the group, for a caller that must go on at once: it is on the disk before any later write is. */
  writeSoon<T>(run: () => T): T {
    this.#join();
    return this.#run(run);
  }

  /** Ends the transaction, if there is one: some statements cannot be part of any. */
  flush(): void {
    const group = this.#group;
    if (!group) return;
    this.#group = null;
    try {
      this.database.exec('COMMIT');
      group.settle();
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      group.settle(error);
    }
  }

  #join(): Group {
    if (this.#group) return this.#group;
    this.database.exec('BEGIN IMMEDIATE');
    let settle!: Group['settle'];
    const committed = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Those who wrote hear of it; there may be none, if every write failed by itself.
    committed.catch(() => {});
    const group = { committed, settle };
    this.#group = group;
    setImmediate(() => this.#group === group && this.flush());
    return group;
  }

  /** SQLite undoes only the statement that failed, or, as on a full disk, the whole transaction. */
  #run<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!this.database.inTransaction) {
        this.#group?.settle(error);
        this.#group = null;
      }
      throw error;
    }
  }
}
