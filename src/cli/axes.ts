import { InvalidArgumentError } from 'commander';
import { SPEED_NAMES } from '../engine/pipeline/speed.js';
import { samplerTitle } from '../engine/samplers/names.js';
import { float, integer, sampler } from './arguments.js';
import type { PaintArguments } from './paint-arguments.js';

/** What a grid varies, and how its values are read: options of txt2img; `words` replaces words of the prompt. */
const READERS = {
  ddim_steps: integer,
  scale: float,
  seed: integer,
  sampler,
  words: String,
  ddim_eta: float,
  guidance_rescale: float,
  clip_skip: integer,
  speed: (text: string) => {
    const name = SPEED_NAMES.find((each) => each === text);
    if (!name) throw new InvalidArgumentError(`Choose one of: ${SPEED_NAMES.join(', ')}.`);
    return name;
  },
  variation_seed: integer,
  variation_strength: float,
} as const;

export type AxisName = keyof typeof READERS;
/** The bot's names, where they differ. */
const ALIASES: Readonly<Record<string, AxisName>> = { steps: 'ddim_steps', seeds: 'seed' };

export const AXIS_NAMES: readonly string[] = ['steps', ...Object.keys(READERS).filter((name) => name !== 'ddim_steps')];

/** A setting, and the values that it takes along one side of a grid. */
export interface Axis {
  readonly name: AxisName;
  /** As they were typed. */
  readonly values: readonly string[];
}

/** Reads `steps=10,20,30`. @throws InvalidArgumentError */
export function axis(text: string): Axis {
  const [, typed = '', list = ''] = /^\s*(?:--)?(\w+)\s*[=:](.*)$/s.exec(text) ?? [];
  const name = ALIASES[typed] ?? (typed as AxisName);
  if (!Object.hasOwn(READERS, name)) {
    throw new InvalidArgumentError(
      `Write NAME=VALUE,VALUE such as steps=10,20. A name is one of: ${AXIS_NAMES.join(', ')}.`,
    );
  }
  const values = [...new Set(list.split(',').map((value) => value.trim()))];
  if (values.length < 2 || values.includes('')) {
    throw new InvalidArgumentError(`Give at least two values for ${typed}, with commas between them.`);
  }
  for (const value of values) READERS[name](value);
  return { name, values };
}

/** The arguments with one of an axis's values. */
export function withValue<T extends PaintArguments>(args: T, { name, values }: Axis, value: string): T {
  if (name === 'words') return { ...args, prompt: args.prompt.replaceAll(values[0]!, () => value) };
  return { ...args, [name]: READERS[name](value) };
}

/** What stands beside a row or above a column. */
export function labelOf({ name }: Axis, value: string): string {
  if (name === 'words') return value;
  return name === 'sampler' ? samplerTitle(sampler(value)) : `${name.replace('ddim_steps', 'steps')} ${value}`;
}
