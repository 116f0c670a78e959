import type { Meaning } from './meaning.js';

/** Errors that are put right by other means on the command line than in the bot: each has its own words for them. */
export type ErrorCode =
  | 'autoencoderBlack'
  | 'cudaMissing'
  | 'deviceRefused'
  | 'deviceUnavailable'
  | 'isAutoencoder'
  | 'isEmbedding'
  | 'isLora'
  | 'noAutoencoder'
  | 'noSafetyChecker'
  | 'runtimeIntelMac'
  | 'runtimeMissing'
  | 'runtimeUnloadable'
  | 'severalDrives'
  | 'temporaryFolder'
  | 'wrongConfig';

export interface EaselErrorOptions extends ErrorOptions {
  code?: ErrorCode;
}

/**
 * Something that whoever runs Easel can fix: a damaged file, a full disk, a device that is not there. The message is one
 * line that names it, paths included; only a {@link RequestError} may be shown to everybody. Anything else that is thrown
 * is a defect of ours.
 */
export class EaselError extends Error {
  override name = 'EaselError';
  /** Whoever runs the engine adds the remedy by it; absent where the message already says what to do. */
  readonly code?: ErrorCode;

  constructor(message: string, { code, ...options }: EaselErrorOptions = {}) {
    super(message, options);
    if (code !== undefined) this.code = code;
  }
}

/** A model file or folder that cannot be used: missing, damaged, hostile or not Stable Diffusion. */
export class CheckpointError extends EaselError {
  override name = 'CheckpointError';
}

/**
 * What whoever asked can mend by asking for something else, and the only error that is shown to people who ask on somebody
 * else's machine: by its meaning, in their language. The message names the request's field.
 */
export class RequestError extends EaselError {
  override name = 'RequestError';
  readonly meaning: Meaning;

  constructor(message: string, { meaning, ...options }: ErrorOptions & { meaning: Meaning }) {
    super(message, options);
    this.meaning = meaning;
  }
}
