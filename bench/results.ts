import type { Times } from './peers/peer.js';

/** Of one program at full size. */
export interface Compared {
  readonly name: string;
  /** Why there are no figures. */
  readonly failed?: string;
  /** Each step, and the step of the base in the same round. */
  readonly steps: readonly (readonly [own: Times, base: Times])[];
  readonly decodes: readonly (readonly [own: Times, base: Times])[];
  /** CPU seconds to the end of the first step, less a step. */
  readonly ready?: number;
  /** MB. */
  readonly peak?: number;
  /** Distance of the noise and of the picture from the base's, relative. */
  readonly noiseError?: number;
  readonly pictureError?: number;
}

/** A whole picture. */
export interface Painted {
  readonly name: string;
  readonly failed?: string;
  readonly pictures: readonly Times[];
  readonly peak?: number;
}

/** What cost grows with. */
export type Axis = 'steps' | 'side' | 'pictures' | 'tokens';

export interface Grown {
  readonly axis: Axis;
  readonly precision: 'float32' | 'int8';
  readonly at: number;
  readonly took: Times;
}

/** The model that ships. */
export interface Embedded {
  readonly name: string;
  readonly failed?: string;
  /** The first includes opening the model. */
  readonly first: readonly Times[];
  readonly one: readonly Times[];
  readonly four: readonly Times[];
  readonly peak?: number;
}

/** Everything that a run has found so far. */
export interface Results {
  machine: readonly (readonly [what: string, value: string])[];
  versions: Set<string>;
  command: string;
  /** Side of the pictures at full size. */
  side: number;
  embedded: Embedded[];
  compared: Compared[];
  painted: Painted[];
  grown: Grown[];
  /** What was left out, and why. */
  leftOut: string[];
  finished: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const cpu = (times: readonly Times[]): number => median(times.map((time) => time.cpu));
export const wall = (times: readonly Times[]): number => median(times.map((time) => time.wall));

/** The median of what one costs in terms of the other: a machine that slows down does so for both. */
export function ratio(pairs: readonly (readonly [own: Times, base: Times])[]): number {
  return median(pairs.map(([own, base]) => own.cpu / base.cpu));
}

/** Steps of the picture that people know the price of. */
export const LONG = 50;

/** CPU and wall seconds of a guided picture of {@link LONG} steps, reckoned from a step and a decode of the base. */
export function longPicture({ compared: [base] }: Pick<Results, 'compared'>): Times | undefined {
  if (!base || base.steps.length === 0 || base.decodes.length === 0) return undefined;
  const [steps, decodes] = [base.steps.map(([own]) => own), base.decodes.map(([own]) => own)];
  return { wall: LONG * wall(steps) + wall(decodes), cpu: LONG * cpu(steps) + cpu(decodes) };
}
