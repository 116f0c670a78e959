import type { Inspectors } from '../../../src/bot/painter/inspectors.js';
import type { JobPainter, Painters } from '../../../src/bot/painter/job-painter.js';

/** Painters that come and go as a test says. */
export class FixedPainters implements Painters {
  problem: string | null = null;
  all: JobPainter[];
  #listeners: (() => void)[] = [];

  constructor(...all: JobPainter[]) {
    this.all = all;
  }

  /** From now on these live. */
  become(...all: JobPainter[]): void {
    this.all = all;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {}
}

/** For queues whose jobs start from words. */
export const noInspectors: Pick<Inspectors, 'source' | 'covering' | 'control'> = {
  source: () => Promise.reject(new Error('no picture is decoded here')),
  covering: () => Promise.reject(new Error('no picture is decoded here')),
  control: () => Promise.reject(new Error('no picture is decoded here')),
};
