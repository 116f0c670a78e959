import { type CustomId, customId } from '../gateway/custom-id.js';
import { Refusal } from '../text/refusal.js';

/** What a component of /mine does. The order never changes: a component has the number. Those for pages must differ. */
const OPS = [
  'older',
  'newer',
  'other',
  'back',
  'show',
  'again',
  'star',
  'unstar',
  'files',
  'how',
  'delete',
  'sure',
] as const;

export type MineOp = (typeof OPS)[number];

/** Newer than every job, and older than every job. */
export const TOP = 'z'.repeat(16);
export const NONE = '0'.repeat(16);

/** Most bytes of a word to search for: with it, a component's id must not be longer than Discord allows. */
const LONGEST = 45;

/** Which of a member's results are shown, from which one on. */
export interface MineView {
  readonly favourites: boolean;
  /** Lower case; empty for all. */
  readonly word: string;
  /** The page has results that are older than this job. */
  readonly cursor: string;
}

export interface MinePress {
  readonly op: MineOp;
  readonly view: MineView;
  /** The result that it is about. */
  readonly job: string;
}

/**
 * The whole view is in each component's id, so that it works after a restart and nothing of it is stored. It can be
 * forged, which is no use: everybody only ever sees their own results.
 */
export function mineId(op: MineOp, { favourites, word, cursor }: MineView, job = NONE): string {
  const state = `${job}${cursor}${Buffer.from(word).toString('base64url')}`;
  return customId('mine', { op: OPS.indexOf(op) * 2 + Number(favourites), state });
}

/** @throws Refusal for an id of another version. */
export function readMineId({ op: number, state }: CustomId<'mine'>): MinePress {
  const op = OPS[Math.floor(number / 2)];
  const [, job, cursor, word] = /^([0-9a-z]{16})([0-9a-z]{16})([\w-]*)$/.exec(state) ?? [];
  if (!op || job === undefined) throw new Refusal('old');
  const view = { favourites: number % 2 === 1, cursor: cursor!, word: Buffer.from(word!, 'base64url').toString() };
  return { op, view, job };
}

/** What was typed, as it is looked for. @throws Refusal if it is too long. */
export function searched(typed: string | null): string {
  const word = folded(typed ?? '').trim();
  if (Buffer.byteLength(word) > LONGEST) throw new Refusal('mineLong');
  return word;
}

/** Without differences that readers ignore: case, spacing, and the encoding of accents. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ');
}
