/**
 * The lock on a store, held by one bot for a limited time. Its clock is the store's. Epochs grow from leader to leader,
 * so a bot that slept through the end of its time finds out whether another has led since: if none has, it may go on.
 */
export interface Lease {
  /** Takes the lock, if nobody's time is running. @returns the new epoch, or who has it. */
  take(holder: string, milliseconds: number): Promise<Taken>;
  /** Begins one's time anew. @returns false if another bot has taken the lock meanwhile. */
  keep(holder: string, epoch: number, milliseconds: number): Promise<boolean>;
  /** Ends one's time at once; no effect if another bot has the lock. */
  release(holder: string, epoch: number): Promise<void>;
}

export type Taken = { readonly epoch: number } | { readonly holder: string };
