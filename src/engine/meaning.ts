/** What a notice or an error says without its English wording: a stable code and its values, so that it can be translated. */
export interface Meaning {
  readonly code: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** Receives notices for the user. */
export type OnNotice = (text: string, meaning: Meaning) => void;
