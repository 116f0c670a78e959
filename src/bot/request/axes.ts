import { MAX_SEED } from '../../engine/random/seed.js';
import { LANGUAGES, type Translate, translateFor } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import { typedNumber } from '../text/typed-number.js';
import { SCALE, STEPS } from './bounds.js';
import { checkLength, lengthReplaced } from './length.js';
import type { Axis, PaintRequest, SingleRequest } from './paint-request.js';
import { readSampler, samplerTitle } from './samplers.js';

/** Most values of one axis: more would not fit a phone, and a select menu offers five by five. */
export const AXIS_LENGTH = 5;

interface Parameter {
  /** An example for autocompletion. */
  readonly example: string;
  /** The value in its stored form, or null if it is invalid. */
  read(text: string): string | null;
  /** The request with this value. `first` is the axis's first value. */
  apply(request: SingleRequest, value: string, first: string): SingleRequest;
}

/** The parameters that a table can vary. `words` replaces its first value in the prompt by each of its values. */
export const PARAMETERS: Record<Axis['parameter'], Parameter> = {
  steps: {
    example: '5, 10, 20',
    read: whole(STEPS.low, STEPS.high),
    apply: (request, value) => ({ ...request, steps: Number(value) }),
  },
  scale: {
    example: '2, 4, 8',
    read: (text) => (numberIn(text, SCALE.low, SCALE.high) === null ? null : String(typedNumber(text))),
    apply: (request, value) => ({ ...request, scale: Number(value) }),
  },
  // Named differently from the option beside it, because typing its name and a colon would lead to that option.
  seeds: {
    example: '1, 2, 3',
    read: whole(0, MAX_SEED),
    apply: (request, value) => ({ ...request, seed: Number(value) }),
  },
  sampler: {
    example: 'ddim, plms, euler',
    read: readSampler,
    apply: (request, value) => ({ ...request, sampler: value }),
  },
  words: {
    example: 'red, blue, green',
    read: (text) => text || null,
    apply: (request, value, first) => ({ ...request, prompt: request.prompt.replaceAll(first, () => value) }),
  },
};

const names = Object.keys(PARAMETERS) as Axis['parameter'][];

/** Examples for each parameter, for autocompletion: `Schritte: 5, 10, 20`. */
export function axisExamples(t: Translate): string[] {
  return names.map((name) => `${t(`axis.${name}`)}: ${PARAMETERS[name].example}`);
}

/** By its name in any language, since members of a server share what they typed and the documentation is in English. */
function parameterNamed(typed: string): Axis['parameter'] | undefined {
  return names.find((name) => LANGUAGES.some((language) => sameWord(translateFor(language)(`axis.${name}`), typed)));
}

function sameWord(one: string, other: string): boolean {
  return one.normalize().toLowerCase() === other.normalize().toLowerCase();
}

function nameOf(parameter: Axis['parameter']): (t: Translate) => string {
  return (t) => t(`axis.${parameter}`);
}

/**
 * Parses `steps: 10, 20, 30`, in any of the languages.
 * @throws Refusal that says which part is not understood.
 */
export function parseAxis(text: string): Axis {
  const [, name, list] = /^\s*([\p{L}\p{M}]+)\s*[:：=]\s*(.*)$/su.exec(text) ?? [];
  const parameter = name && parameterNamed(name);
  if (!parameter)
    throw new Refusal('axis', {
      text,
      parameters: (t) => names.map((one) => t(`axis.${one}`)).join(', '),
    });
  // Between semicolons, a comma is a decimal one: `2,5; 5`.
  const separator = parameter !== 'words' && /[;；]/.test(list!) ? /[;；]/ : /[,，、]/;
  const typed = list!.split(separator).map((value) => value.trim());
  if (typed.at(-1) === '') typed.pop();
  const values = typed.map((value) => {
    const read = PARAMETERS[parameter].read(value);
    if (read === null) throw new Refusal('axisValue', { value, parameter: nameOf(parameter) });
    return read;
  });
  const different = [...new Set(values)];
  if (different.length < 2 || different.length > AXIS_LENGTH) {
    throw new Refusal('axisLength', { parameter: nameOf(parameter), limit: AXIS_LENGTH });
  }
  return { parameter, values: different };
}

/** A value as it is shown to people. */
export function axisLabel({ parameter }: Axis, value: string, t: Translate): string {
  const texts = {
    steps: () => t('fact.steps', { count: Number(value) }),
    scale: () => t('fact.scale', { scale: Number(value) }),
    seeds: () => t('fact.seed', { seed: value }),
    sampler: () => samplerTitle(value),
    words: () => value,
  };
  return texts[parameter]();
}

/** @throws Refusal for axes that conflict with each other or with the prompt. */
export function checkAxes(request: PaintRequest): void {
  if (request.kind !== 'table') return;
  const { axes, prompt } = request;
  const [across, down] = axes;
  if (across && across.parameter === down?.parameter)
    throw new Refusal('axisTwice', { parameter: nameOf(across.parameter) });
  for (const { parameter, values } of axes) {
    if (parameter !== 'words') continue;
    const [first] = values as [string];
    if (!prompt.includes(first)) throw new Refusal('axisWords', { word: first });
    for (const value of values) checkLength(lengthReplaced(prompt, first, value), 'prompt');
  }
}

function numberIn(text: string, low: number, high: number): number | null {
  const value = typedNumber(text);
  return value >= low && value <= high ? value : null;
}

function whole(low: number, high: number): (text: string) => string | null {
  return (text) => {
    const value = numberIn(text, low, high);
    return value !== null && Number.isInteger(value) ? String(value) : null;
  };
}
