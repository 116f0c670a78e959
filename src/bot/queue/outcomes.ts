import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isUnfinished, syncFolder, writeWhole } from '../../engine/write-file.js';
import type { Outcome } from '../request/job.js';
import type { Notice } from '../text/notice.js';

const picture = z.object({
  width: z.number(),
  height: z.number(),
  seed: z.number(),
  flagged: z.boolean(),
  /** Of its PNG, in hex; null if it is hidden and there is no file. Older versions did not save it. */
  sha256: z.string().nullable().optional(),
});

const meaning = z.object({ code: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) });

/** Older versions only saved the text. */
export const told = z.union([
  z.string().transform((text): Notice => ({ text })),
  z.object({ text: z.string(), meaning: meaning.optional() }),
]);

const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('painted'), pictures: z.array(picture), notices: z.array(told) }),
  z.object({ kind: z.literal('failed'), message: z.string().nullable(), meaning: meaning.optional(), id: z.string() }),
  z.object({ kind: z.literal('cancelled') }),
  z.object({ kind: z.literal('refused') }),
]);

/** `refused`: nobody is waiting for it, though the store may have saved the job. */
export type StoredOutcome = Outcome | { readonly kind: 'refused' };

/** The end of every PNG: an empty chunk, its name and its checksum (PNG specification, 11.2.5 "IEND Image trailer"). */
const END = Buffer.from('0000000049454e44ae426082', 'hex');

/**
 * How jobs ended, on disk until delivery: one folder per job, with its pictures. `outcome.json` is written last and has
 * the pictures' checksums, so after a crash or a power cut a job is either painted again or delivered as painted: a
 * missing picture was flagged, not lost.
 */
export class Outcomes {
  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<Outcomes> {
    await mkdir(folder, { recursive: true });
    await syncFolder(dirname(folder));
    for (const name of await readdir(folder)) {
      if (isUnfinished(name)) await rm(join(folder, name), { recursive: true, force: true });
    }
    return new Outcomes(folder);
  }

  /** Resolves when it is on disk. */
  async save(job: string, outcome: StoredOutcome): Promise<void> {
    const folder = join(this.folder, job);
    await this.remove(job);
    await mkdir(folder);
    // The files below are in the new folder, even if the old one's removal was not synced.
    await syncFolder(this.folder);
    if (outcome.kind === 'painted') {
      await Promise.all(outcome.pictures.map(({ png }, index) => png && writeWhole(join(folder, `${index}.png`), png)));
    }
    await writeWhole(join(folder, 'outcome.json'), JSON.stringify(withoutPictures(outcome)));
  }

  /** @returns null if there is none, or it cannot be read. */
  async load(job: string): Promise<StoredOutcome | null> {
    const folder = join(this.folder, job);
    try {
      const outcome = schema.parse(JSON.parse(await readFile(join(folder, 'outcome.json'), 'utf8')));
      if (outcome.kind !== 'painted') return outcome;
      const pictures = outcome.pictures.map(async ({ sha256, ...picture }, index) => {
        if (sha256 === null && picture.flagged) return { ...picture, png: null };
        const png = await readFile(join(folder, `${index}.png`));
        const whole = sha256 ? sha256 === sha256Of(png) : png.length === 0 ? picture.flagged : endsAsPng(png);
        if (!whole) throw new Error(`picture ${index} is damaged`);
        // In older versions, an empty file was a hidden picture.
        return { ...picture, png: png.length > 0 ? png : null };
      });
      return { ...outcome, pictures: await Promise.all(pictures) };
    } catch {
      return null;
    }
  }

  async remove(job: string): Promise<void> {
    await rm(join(this.folder, job), { recursive: true, force: true });
  }

  /** Ids of the jobs that have an outcome. */
  list(): Promise<string[]> {
    return readdir(this.folder);
  }
}

function withoutPictures(outcome: StoredOutcome): object {
  if (outcome.kind !== 'painted') return outcome;
  return {
    ...outcome,
    pictures: outcome.pictures.map(({ png, ...rest }) => ({ ...rest, sha256: png && sha256Of(png) })),
  };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function endsAsPng(bytes: Buffer): boolean {
  return bytes.subarray(-END.length).equals(END);
}
