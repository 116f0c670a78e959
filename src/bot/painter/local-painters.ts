import type { Painters } from './job-painter.js';
import type { Painter } from './painter.js';

/** Painter processes on the bot's own machine. Each is started again when it dies, so all of them always live. */
export class LocalPainters implements Painters {
  readonly problem = null;

  constructor(readonly all: readonly Painter[]) {}

  onChange(): void {}

  /** Opens a model in each. */
  prepare(model: string): void {
    for (const painter of this.all) painter.prepare(model);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((painter) => painter.close()));
  }
}
