import { RequestError } from './errors.js';
import { elements } from './shape.js';

/** @throws RequestError, also if it is not a number. */
export function inRange(name: string, value: number, low: number, high: number): number {
  if (typeof value === 'number' && value >= low && value <= high) return value;
  throw new RequestError(`${name} must be from ${low} to ${high}, got ${shown(value)}.`, {
    meaning: { code: 'range', values: { name, low, high, got: shown(value) } },
  });
}

export function wholeInRange(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(inRange(name, value, low, high))) return value;
  throw new RequestError(`${name} must be a whole number from ${low} to ${high}, got ${shown(value)}.`, {
    meaning: { code: 'wholeNumber', values: { name, low, high, got: shown(value) } },
  });
}

export function oneOf<T extends string | boolean>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  const choices = allowed.map(shown);
  throw new RequestError(`${name} must be ${choices.join(' or ')}, got ${shown(value)}.`, {
    meaning: { code: 'choice', values: { name, allowed: choices.join(', '), got: shown(value) } },
  });
}

/** A value as its author wrote it, in a few words: `5` and `"5"` and `5n` are not the same. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'bigint') return `${value}n`.slice(0, 80);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) {
    const short = value.length <= 4 && value.every((one) => typeof one !== 'object' || one === null);
    return short ? `[${value.map(shown).join(', ')}]` : `a list of ${value.length}`;
  }
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 80);
  if (typeof (value as { then?: unknown }).then === 'function') return 'a promise';
  const kind = Object.getPrototypeOf(value)?.constructor?.name ?? 'Object';
  return kind === 'Object'
    ? `an object of ${Object.keys(value).slice(0, 4).join(', ') || 'nothing'}`
    : `${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** @param shape of the latents that `numbers` must match. */
export function checkLatents(name: string, numbers: Float32Array, shape: readonly number[]): Float32Array {
  if (numbers.length === elements(shape)) return numbers;
  throw malformed(
    name,
    `has ${numbers.length} numbers, but these pictures take ${elements(shape)}: [${shape.join(', ')}].`,
  );
}

/** An error that only a program can make. @param what it is or must be, after the field's name. */
export function malformed(name: string, what: string): RequestError {
  return new RequestError(`${name} ${what}`, { meaning: { code: 'malformed', values: { name } } });
}
