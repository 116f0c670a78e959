import type { Meaning } from '../../engine/meaning.js';
import type { Translate } from './i18n.js';

/** What the engine has to say to a job's author: plain data, for it crosses processes and waits on disk. */
export interface Notice {
  /** English. */
  readonly text: string;
  readonly meaning?: Meaning;
}

/** In the reader's language: by the catalogues' `told`; what has no entry there stays English. */
export function noticeText({ text, meaning }: Notice, t: Translate): string {
  return meaning ? t(`told.${meaning.code}`, { ...meaning.values, defaultValue: text }) : text;
}
