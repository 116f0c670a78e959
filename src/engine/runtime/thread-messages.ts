import type { InferenceSession } from 'onnxruntime-node';
import { CheckpointError, EaselError, RequestError } from '../errors.js';
import type { Update } from '../lora/updates.js';
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
  | { readonly do: 'update'; readonly updates: readonly Update[] }
);
export type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: Sent });

/** An error without its class, which it loses on the way. */
interface Sent {
  readonly cause: unknown;
  readonly told?: Pick<EaselError, 'name' | 'message' | 'code'> & Partial<Pick<RequestError, 'meaning'>>;
}

export function sent(error: unknown): Sent {
  if (!(error instanceof EaselError)) return { cause: error };
  const { name, message, code, cause } = error;
  return { cause, told: { name, message, code, ...(error instanceof RequestError && { meaning: error.meaning }) } };
}

export function received({ cause, told }: Sent): unknown {
  if (!told) return cause;
  const { name, message, code, meaning } = told;
  if (meaning) return new RequestError(message, { cause, meaning });
  const Kind = name === 'CheckpointError' ? CheckpointError : EaselError;
  return new Kind(message, { cause, ...(code && { code }) });
}
