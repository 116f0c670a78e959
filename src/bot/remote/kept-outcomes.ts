import { join } from 'node:path';
import { Outcomes } from '../queue/outcomes.js';
import type { Brought } from './pictures.js';

/** Outcomes that Redis could not take, on a painter's disk, by attempt. */
export class KeptOutcomes {
  private constructor(private readonly outcomes: Outcomes) {}

  static async open(dataDir: string): Promise<KeptOutcomes> {
    return new KeptOutcomes(await Outcomes.open(join(dataDir, 'kept')));
  }

  /** What the operator has to see to is not kept: it is in the log, and the job is tried again. */
  async save(attempt: string, brought: Brought): Promise<void> {
    if (brought.kind === 'painted') await this.outcomes.save(attempt, { kind: 'painted', ...brought.painted });
    if (brought.kind === 'refused') {
      const { message, meaning } = brought;
      await this.outcomes.save(attempt, { kind: 'failed', message, meaning, id: attempt });
    }
  }

  /** @returns null if it cannot be read. @param by the painter that brings it. */
  async load(attempt: string, by: string): Promise<Brought | null> {
    const outcome = await this.outcomes.load(attempt);
    if (outcome?.kind === 'painted') {
      return { kind: 'painted', painted: { pictures: outcome.pictures, notices: outcome.notices }, by };
    }
    const told = outcome?.kind === 'failed' && outcome.message !== null && outcome.meaning !== undefined;
    return told ? { kind: 'refused', message: outcome.message!, meaning: outcome.meaning! } : null;
  }

  list(): Promise<string[]> {
    return this.outcomes.list();
  }

  remove(attempt: string): Promise<void> {
    return this.outcomes.remove(attempt);
  }
}
