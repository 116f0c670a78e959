import { WAYS } from '../request/canvas.js';

/** What a button, menu or form does. The letters never change: messages keep their buttons for years. */
export const ACTIONS = {
  U: 'upscale',
  V: 'vary',
  N: 'subtle',
  T: 'tiled',
  O: 'extend',
  Z: 'zoom',
  W: 'region',
  R: 'again',
  E: 'edit',
  F: 'files',
  D: 'delete',
  C: 'cancel',
  M: 'edited',
  S: 'settings',
  J: 'emoji',
  P: 'privacy',
  Q: 'queue',
  K: 'described',
  Y: 'mine',
} as const;

export type Action = (typeof ACTIONS)[keyof typeof ACTIONS];

/** One picture of a result: from 1, or 0 in a menu, where the choice says which. */
interface OfPicture {
  readonly job: string;
  readonly index: number;
}

interface OfJob {
  readonly job: string;
}

/** What menus and forms can set. */
const SETTABLE = ['channels', 'roles', 'exempt', 'words', 'model'] as const;

/** What an id refers to, by its action. */
interface PointsAt {
  upscale: OfPicture;
  vary: OfPicture;
  subtle: OfPicture;
  tiled: OfPicture;
  /** Of the one picture of a result: the number of a way in {@link WAYS}, from 1. */
  extend: { readonly job: string; readonly way: number };
  zoom: OfJob;
  region: OfJob;
  again: OfJob;
  edit: OfJob;
  files: OfJob;
  delete: OfJob;
  cancel: OfJob;
  edited: OfJob;
  settings: { readonly setting: (typeof SETTABLE)[number] };
  /** The number of a preview's button; 0 is the form. */
  emoji: { readonly draft: string; readonly button: number };
  privacy: { readonly userId: string; readonly button: number };
  queue: { readonly userId: string };
  /** The number of a prompt in the button's message. */
  described: { readonly userId: string; readonly button: number };
  /** What it does, and which of a member's results are shown. */
  mine: { readonly op: number; readonly state: string };
}

/** The meaning of a custom id, for some action. */
export type CustomId<A extends Action = Action> = { [K in A]: { readonly action: K } & PointsAt[K] }[A];

const VERSION = 'v1';

const ofPicture = (index: number, job: string): OfPicture => ({ job, index });
const ofJob = (_: number, job: string): OfJob => ({ job });

const READ: { readonly [A in Action]: (index: number, target: string) => PointsAt[A] | null } = {
  upscale: ofPicture,
  vary: ofPicture,
  subtle: ofPicture,
  tiled: ofPicture,
  extend: (way, job) => (way >= 1 && way <= WAYS.length ? { job, way } : null),
  zoom: ofJob,
  region: ofJob,
  again: ofJob,
  edit: ofJob,
  files: ofJob,
  delete: ofJob,
  cancel: ofJob,
  edited: ofJob,
  settings(_, target) {
    const setting = SETTABLE.find((one) => one === target);
    return setting ? { setting } : null;
  },
  emoji: (button, draft) => ({ draft, button }),
  privacy: (button, userId) => ({ userId, button }),
  queue: (_, userId) => ({ userId }),
  described: (button, userId) => ({ userId, button }),
  mine: (op, state) => ({ op, state }),
};

/** `v1:U:3:0123456789abcdef`: no state but the key of a record in the store, usually a job's id. */
export function customId<A extends Action>(action: A, target: PointsAt[A]): string {
  const letter = Object.entries(ACTIONS).find(([, name]) => name === action)![0];
  const values: readonly (string | number)[] = Object.values(target);
  const index = values.find((value) => typeof value === 'number') ?? 0;
  const name = values.find((value) => typeof value === 'string')!;
  return [VERSION, letter, index, name].join(':');
}

/** Null for other versions' ids and for anything else. */
export function parseCustomId(text: string): CustomId | null {
  const [, letter, index, target] = /^v1:([A-Z]):(\d{1,2}):([\w-]{1,92})$/.exec(text) ?? [];
  const action = ACTIONS[letter as keyof typeof ACTIONS];
  // Only the state of /mine is longer than a key of the store.
  if (action !== 'mine' && !/^[0-9a-z-]{1,32}$/.test(target ?? '')) return null;
  const read = action && READ[action](Number(index), target!);
  return read ? ({ action, ...read } as CustomId) : null;
}
