import type { Meaning } from '../../engine/meaning.js';
import type { Translate } from './i18n.js';

/** A message from the engine to a job's author: plain data, because it crosses processes and is stored. */
export interface Notice {
  /** In English. */
  readonly text: string;
  readonly meaning?: Meaning;
}

/** In the reader's language, from the catalogues' `told`; in English if it has no entry there. */
export function noticeText({ text, meaning }: Notice, t: Translate): string {
  return meaning ? t(`told.${meaning.code}`, { ...meaning.values, defaultValue: text }) : text;
}
