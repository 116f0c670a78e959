/** What a notice or an error says, apart from its English words: a stable code and its values, for whoever tells it in another language. */
export interface Meaning {
  readonly code: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** Hears what whoever asked should know. */
export type OnNotice = (text: string, meaning: Meaning) => void;
