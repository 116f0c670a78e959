import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeNew } from '../../engine/write-file.js';
import { parsed } from '../storage/parsed.js';

const schema = z.object({
  host: z.string(),
  pid: z.number(),
  /** Of this process, and no other. */
  id: z.string(),
  /** Of its DATA_DIR: the same for all who use that folder, on whatever machine and under whatever path. */
  folder: z.string(),
});

/** A bot that leads or wants to, as the lock names it. */
export type Holder = z.infer<typeof schema>;

/** This process. @throws EaselError if nothing can be written to DATA_DIR. */
export async function thisHolder(dataDir: string): Promise<Holder> {
  const path = join(dataDir, 'standby-id');
  await writeNew(path, Buffer.from(newId()));
  const folder = (await readFile(path, 'utf8')).trim();
  return { host: hostname(), pid: process.pid, id: newId(), folder };
}

/** @returns null for what another version wrote. */
export function readHolder(text: string): Holder | null {
  return parsed(schema, text);
}

/** For people. */
export function nameOf({ host, pid }: Holder): string {
  return `${host}, process ${pid}`;
}

function newId(): string {
  return randomBytes(16).toString('hex');
}
