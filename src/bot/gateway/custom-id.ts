/** What a button does. A letter of its own each, for ever: messages keep their buttons for years. */
export const ACTIONS = {
  U: 'upscale',
  V: 'vary',
  R: 'again',
  E: 'edit',
  D: 'delete',
  C: 'cancel',
  M: 'edited',
  S: 'settings',
  J: 'emoji',
  P: 'privacy',
} as const;

export type Action = (typeof ACTIONS)[keyof typeof ACTIONS];

/** A button's meaning: what, on which picture (from 1; 0 for none), of which job. */
export interface CustomId {
  readonly action: Action;
  readonly index: number;
  readonly job: string;
}

const VERSION = 'v1';

/** `v1:U:3:0123456789abcdef`: no state but what the store holds under the job's id. */
export function customId(action: Action, index: number, job: string): string {
  const letter = Object.entries(ACTIONS).find(([, name]) => name === action)![0];
  return [VERSION, letter, index, job].join(':');
}

/** Null for ids of other versions and of nobody's. */
export function parseCustomId(text: string): CustomId | null {
  const [, letter, index, job] = /^v1:([A-Z]):(\d{1,2}):([0-9a-z-]{1,32})$/.exec(text) ?? [];
  const action = ACTIONS[letter as keyof typeof ACTIONS];
  return action ? { action, index: Number(index), job: job! } : null;
}
