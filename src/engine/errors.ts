import type { Meaning } from './meaning.js';

/** Errors with a remedy that depends on the program around the engine: a flag, a variable, a file to move. */
export type ErrorCode =
  | 'autoencoderBlack'
  | 'cudaIncomplete'
  | 'cudaMissing'
  | 'deviceRefused'
  | 'deviceUnavailable'
  | 'int8Device'
  | 'int8Folder'
  | 'isAutoencoder'
  | 'isControlNet'
  | 'isEmbedding'
  | 'isLora'
  | 'isUpscaler'
  | 'noAutoencoder'
  | 'noSafetyChecker'
  | 'runtimeIntelMac'
  | 'runtimeMissing'
  | 'runtimeUnloadable'
  | 'severalDrives'
  | 'temporaryFolder'
  | 'vulkanMissing'
  | 'wrongConfig';

export interface EaselErrorOptions extends ErrorOptions {
  code?: ErrorCode;
}

/**
 * Something that the person who runs Easel can fix: a damaged file, a full disk, a missing device. The message is one line
 * and may contain paths; only a {@link RequestError} may be shown to everybody. Anything else that is thrown is a bug.
 */
export class EaselError extends Error {
  override name = 'EaselError';
  /** The program looks up its remedy by this code; absent if the message already says what to do. */
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
 * An error that the author of the request can fix by changing it. It is the only error that may be shown to people who do
 * not run the program: translated, by its meaning. The message names the request's field.
 */
export class RequestError extends EaselError {
  override name = 'RequestError';
  readonly meaning: Meaning;

  constructor(message: string, { meaning, ...options }: ErrorOptions & { meaning: Meaning }) {
    super(message, options);
    this.meaning = meaning;
  }
}
