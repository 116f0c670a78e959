import type { ModelCard } from '../model.js';
import { unknownWords } from '../text/known-things.js';
import { GROUPS, type Group, WORDS } from './words.js';

/** A phrase that may be said of a picture. */
export interface Phrase {
  readonly group: Group;
  /** As a prompt says it. */
  readonly text: string;
  /** As CLIP is asked. */
  readonly asked: string;
}

export interface Ranked {
  readonly text: string;
  /** Cosine of the picture's and the phrase's embedding. */
  readonly likeness: number;
  /** 0..1: how CLIP divides its belief among the phrases of the group. */
  readonly share: number;
}

export type Ranking = Readonly<Record<Group, readonly Ranked[]>>;

/** All that can be said; for a model with a list of what it knows, no more than it knows, and all things of that list. */
export function phrasesFor(card: Pick<ModelCard, 'knows' | 'modifiers'> = {}): Phrase[] {
  return GROUPS.flatMap((group) => {
    const { template, phrases } = WORDS[group];
    const own = phrases.filter((text) => unknownWords(card, text).length === 0);
    const things = group === 'subject' ? (card.knows ?? []) : [];
    return [...new Set([...own, ...things])].map((text) => ({ group, text, asked: template.replace('{}', text) }));
  });
}

/**
 * Phrases by group, the likeliest first.
 *
 * @param picture its embedding. @param embeddings of the phrases, one after the other; all of length 1.
 * @param scale CLIP's: what likenesses are multiplied by before they are compared.
 */
export function rank(
  picture: Float32Array,
  phrases: readonly Phrase[],
  embeddings: Float32Array,
  scale: number,
): Ranking {
  const width = picture.length;
  const likenesses = phrases.map((_, row) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += picture[k]! * embeddings[row * width + k]!;
    return sum;
  });
  const ofGroup = (group: Group): Ranked[] => {
    const own = phrases.flatMap((phrase, row) =>
      phrase.group === group ? [{ text: phrase.text, likeness: likenesses[row]! }] : [],
    );
    const most = Math.max(...own.map(({ likeness }) => likeness));
    const beliefs = own.map(({ likeness }) => Math.exp(scale * (likeness - most)));
    const all = beliefs.reduce((sum, belief) => sum + belief, 0);
    return own.map((one, k) => ({ ...one, share: beliefs[k]! / all })).sort((a, b) => b.likeness - a.likeness);
  };
  return Object.fromEntries(GROUPS.map((group) => [group, ofGroup(group)])) as unknown as Ranking;
}

/** What is said of a picture beside its medium and subject: of a group that CLIP is not sure of, nothing. */
const SURE = 0.15;

/**
 * Prompts that paint something like the picture, the likeliest first: the next ones name its next likeliest subjects.
 *
 * @example a watercolour painting of a fox, in a forest, soft daylight, autumn colours
 */
export function promptsOf(ranking: Ranking, count: number): string[] {
  const first = (group: Group) => ranking[group][0];
  const medium = first('medium');
  const rest = (['place', 'light', 'colours', 'style', 'view'] as const).flatMap((group) => {
    const best = first(group);
    if (!best || best.share < SURE) return [];
    return group === 'style' ? [`${best.text} style`] : [best.text];
  });
  const subjects = ranking.subject.slice(0, count);
  const prompts = subjects.map(({ text }) => [medium ? `${medium.text} of ${text}` : text, ...rest].join(', '));
  return prompts.length > 0
    ? prompts
    : [[medium?.text, ...rest].filter(Boolean).join(', ')].filter((text) => text !== '');
}
