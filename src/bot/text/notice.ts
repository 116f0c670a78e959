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

/** Pictures that have prompts of their own tell of their unknown words one by one: the answer names those of a model together. */
export function joinedUnknown(notices: readonly Notice[]): Notice[] {
  const joined: Notice[] = [];
  for (const notice of notices) {
    const { code, values } = notice.meaning ?? {};
    const same = joined.findIndex(
      ({ meaning }) => code === 'wordsUnknown' && meaning?.code === code && meaning.values.model === values?.model,
    );
    if (same === -1) joined.push(notice);
    else joined[same] = withWords(joined[same]!, String(values?.words));
  }
  return joined;
}

function withWords({ text, meaning }: Notice, more: string): Notice {
  const { code, values } = meaning!;
  const words = new Set(`${values.words}, ${more}`.split(', '));
  // It stands for those that were too many.
  if (words.delete('…')) words.add('…');
  return { text, meaning: { code, values: { ...values, words: [...words].join(', ') } } };
}
