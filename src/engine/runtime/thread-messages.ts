import type { InferenceSession } from 'onnxruntime-node';
import type { NativeFeed } from './native-session.js';

/** Places in the memory that both threads share: the thread is computing; the process is about to exit. */
export const [COMPUTING, EXITING] = [0, 1];

/** A feed, or that it is the one kept from an earlier run. */
export type SentFeed = NativeFeed | 'kept';

export type Call = { readonly id: number } & (
  | {
      readonly do: 'create';
      readonly session: number;
      readonly model: string | Uint8Array;
      readonly options: InferenceSession.SessionOptions;
    }
  | {
      readonly do: 'run';
      readonly session: number;
      readonly feeds: Readonly<Record<string, SentFeed>>;
      readonly outputs: readonly string[];
    }
  | { readonly do: 'release'; readonly session: number }
);
export type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: unknown });
