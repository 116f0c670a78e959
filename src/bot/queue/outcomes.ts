import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Outcome } from '../request/job.js';
import type { Told } from '../text/told.js';

const picture = z.object({ width: z.number(), height: z.number(), seed: z.number(), flagged: z.boolean() });

const meaning = z.object({ code: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) });

/** Older versions kept the text alone. */
export const told = z.union([
  z.string().transform((text): Told => ({ text })),
  z.object({ text: z.string(), meaning: meaning.optional() }),
]);

const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('painted'), pictures: z.array(picture), notices: z.array(told) }),
  z.object({ kind: z.literal('failed'), message: z.string().nullable(), meaning: meaning.optional(), id: z.string() }),
  z.object({ kind: z.literal('cancelled') }),
]);

/**
 * How jobs ended, on disk until it was delivered: one folder a job, with its pictures. A folder appears whole or not at
 * all, so that after a crash a job either is painted again or its pictures are delivered.
 */
export class Outcomes {
  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<Outcomes> {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      if (name.endsWith('.part')) await rm(join(folder, name), { recursive: true, force: true });
    }
    return new Outcomes(folder);
  }

  async save(job: string, outcome: Outcome): Promise<void> {
    const part = join(this.folder, `${job}.part`);
    await rm(part, { recursive: true, force: true });
    await mkdir(part);
    if (outcome.kind === 'painted') {
      await Promise.all(outcome.pictures.map(({ png }, index) => writeFile(join(part, `${index}.png`), png)));
    }
    const told = JSON.stringify(outcome, (key, value) => (key === 'png' ? undefined : value));
    await writeFile(join(part, 'outcome.json'), told);
    await this.remove(job);
    await rename(part, join(this.folder, job));
  }

  /** @returns null when there is none, or none that can be read. */
  async load(job: string): Promise<Outcome | null> {
    const folder = join(this.folder, job);
    try {
      const outcome = schema.parse(JSON.parse(await readFile(join(folder, 'outcome.json'), 'utf8')));
      if (outcome.kind !== 'painted') return outcome;
      const pictures = outcome.pictures.map(async (picture, index) => ({
        ...picture,
        png: await readFile(join(folder, `${index}.png`)),
      }));
      return { ...outcome, pictures: await Promise.all(pictures) };
    } catch {
      return null;
    }
  }

  async remove(job: string): Promise<void> {
    await rm(join(this.folder, job), { recursive: true, force: true });
  }

  /** Ids of the jobs that an outcome is kept of. */
  list(): Promise<string[]> {
    return readdir(this.folder);
  }
}
