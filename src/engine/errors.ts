import type { Meaning } from './meaning.js';

/**
 * Something the person at the keyboard can mend: bad input, a damaged file, a full disk. The message is one line that
 * names the input and the remedy; it may be shown as it is. Anything else that is thrown is a defect of ours.
 */
export class EaselError extends Error {
  override name = 'EaselError';
  /** Where whoever paints for others, in their language, may come across it. */
  readonly meaning?: Meaning;

  constructor(message: string, { meaning, ...options }: ErrorOptions & { meaning?: Meaning } = {}) {
    super(message, options);
    if (meaning) this.meaning = meaning;
  }
}

/** A model file or folder that cannot be used: missing, damaged, hostile or not Stable Diffusion. */
export class CheckpointError extends EaselError {
  override name = 'CheckpointError';
}

/** A request that no model could fulfil: a size, strength, prompt or option out of range. */
export class RequestError extends EaselError {
  override name = 'RequestError';
}
