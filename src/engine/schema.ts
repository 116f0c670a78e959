import { inRange, malformed, oneOf, shown, wholeInRange } from './check.js';
import { MEANT } from './meant.js';
import { nearest, plain } from './spelling.js';

/** Checks a value. @param key in the message. @throws RequestError with the key, what it got and what is allowed. */
export type Rule<T = never> = ((key: string, value: unknown) => void) & { readonly of?: T };

/** A rule for every key that T has. */
export type Fields<T> = { readonly [K in keyof Required<T>]: Rule<NonNullable<T[K]>> };

/**
 * What a request, or the options of a call, may say: a table beside its type, which the compiler holds to have the same keys. It is a
 * table of our own rather than zod's, since every sentence and its code would have to be replaced there.
 */
export interface Schema<T> {
  /** What takes these keys, in messages. */
  readonly of: string;
  readonly fields: Fields<T>;
  /** Keys that may not be left out. */
  readonly needs?: readonly (keyof T & string)[];
  /** Other tables where a key may belong. */
  readonly beside?: () => readonly { readonly of: string; readonly fields: object }[];
}

/**
 * Checks everything that can be checked without the model. What is undefined counts as left out.
 *
 * @param inside of another request, such as `variation.`
 * @returns a copy of what is said. @throws RequestError
 */
export function read<T extends object>(schema: Schema<T>, given: T, inside = ''): T {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const keys = Object.keys(schema.fields).slice(0, 3).join(', ');
    throw malformed(
      inside.replace(/\.$/, '') || schema.of,
      `takes an object with keys such as ${keys}, got ${shown(given)}.`,
    );
  }
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [key, value] of said) if (!Object.hasOwn(schema.fields, key)) throw unknown(schema, key, value, inside);
  for (const [key, rule] of Object.entries<Rule<unknown>>(schema.fields)) {
    const value = given[key as keyof T];
    if (value !== undefined || schema.needs?.includes(key as never)) rule(inside + key, value);
  }
  return Object.fromEntries(said) as T;
}

function unknown<T>({ of, fields, beside }: Schema<T>, key: string, value: unknown, inside: string) {
  const keys = Object.keys(fields);
  const meant = keys.find((own) => plain(own) === plain(key)) ?? MEANT[plain(key)];
  const known = !inside && meant && (!/^\w+$/.test(meant) || keys.includes(meant)) ? meant : undefined;
  const owners = (name = '') =>
    (beside?.() ?? []).filter((other) => other.of !== of && Object.hasOwn(other.fields, name)).map((other) => other.of);
  const [own, meantOwn] = [owners(key), owners(meant)];
  const remedy = known
    ? `write ${known} instead`
    : own.length > 0
      ? `it is a key of ${own.join(', ')}`
      : meantOwn.length > 0
        ? `${meant} is a key of ${meantOwn.join(', ')}`
        : `${guess(key, keys)}its keys are ${keys.join(', ')}`;
  return malformed(`${inside}${key}`, `(${shown(value)}) is not a key of ${of}: ${remedy}.`);
}

function guess(key: string, keys: readonly string[]): string {
  const like = nearest(key, keys);
  return like === undefined ? '' : `perhaps ${like} is meant; `;
}

// The rules.

export const anything: Rule = () => {};

export function number(low: number, high: number): Rule<number> {
  return (key, value) => inRange(key, value as number, low, high);
}

export function whole(low: number, high: number): Rule<number> {
  return (key, value) => wholeInRange(key, value as number, low, high);
}

export function choice<T extends string | boolean>(...allowed: readonly T[]): Rule<T> {
  return (key, value) => oneOf(key, value as T, allowed);
}

export const flag: Rule<boolean> = (key, value) => oneOf(key, value as boolean, [true, false]);

export const text: Rule<string> = must('be a text', (value) => typeof value === 'string');

export const path: Rule<string> = must('be a path', (value) => typeof value === 'string' && /^[^\0]+$/.test(value));

export const floats: Rule<Float32Array> = must('be a Float32Array', (value) => value instanceof Float32Array);

/** @param axes of its shape, in words. */
export function tensor(axes: string): Rule<{ readonly data: Float32Array; readonly shape: readonly number[] }> {
  return (key, value) => {
    const { data, shape } = Object(value);
    if (data instanceof Float32Array && isList(shape)) return;
    const got = data === undefined ? shown(value) : `{ data: ${shown(data)}, shape: ${shown(shape)} }`;
    throw malformed(key, `must be a tensor, { data: Float32Array, shape: [${axes}] }, got ${got}.`);
  };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever it is called with
export const callback: Rule<(...given: any[]) => any> = must('be a function', (value) => typeof value === 'function');

export const signal: Rule<AbortSignal> = must('be an AbortSignal', (value) => value instanceof AbortSignal);

/** Something that somebody else may make, too. @param what with an example. */
export function having<T>(what: string, method: keyof T & string): Rule<T> {
  return must(`be ${what}`, (value) => typeof (value as Record<string, unknown> | null)?.[method] === 'function');
}

/** Something that only Easel makes. @param what with the words for where it comes from. */
export function made<T extends object>(what: string, kind: { readonly prototype: T }): Rule<T> {
  return must(`be ${what}`, (value) => Object.prototype.isPrototypeOf.call(kind.prototype, value as object));
}

export function list<T>(rule: Rule<T>, fewest = 0, most = Number.POSITIVE_INFINITY): Rule<readonly T[]> {
  const size = most === Number.POSITIVE_INFINITY ? 'a list' : `a list of ${fewest} to ${most}`;
  return (key, value) => {
    if (!isList(value) || value.length < fewest || value.length > most) {
      throw malformed(key, `must be ${size}, got ${shown(value)}.`);
    }
    for (const [k, one] of value.entries()) rule(`${key}[${k}]`, one);
  };
}

/** Keys inside a key. */
export function group<T extends object>(schema: Schema<T>): Rule<T> {
  return (key, value) => void read(schema, value as T, `${key}.`);
}

export function either<A, B>(is: (value: unknown) => boolean, one: Rule<A>, other: Rule<B>): Rule<A | B> {
  return (key, value) => (is(value) ? one : other)(key, value);
}

/** @param what it must do, after the key. */
export function must<T>(what: string, is: (value: unknown) => boolean): Rule<T> {
  return (key, value) => {
    if (!is(value)) throw malformed(key, `must ${what}, got ${shown(value)}.`);
  };
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
