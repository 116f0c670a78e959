/** The content of a notice or an error without its English wording: a stable code and its values, for translation. */
export interface Meaning {
  readonly code: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** Receives notices for the user. */
export type OnNotice = (text: string, meaning: Meaning) => unknown;
