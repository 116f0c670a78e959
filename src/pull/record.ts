import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { writeWhole } from '../engine/write-file.js';
import { knownAs, type Licence } from './catalogue.js';

/** What is kept beside what was pulled. */
export interface Record {
  readonly title: string;
  readonly page: string;
  readonly commit?: string;
  readonly licence: Licence | undefined;
  readonly files: readonly { readonly to: string; readonly sha256: string }[];
  /** The licence itself, where the repository has it. */
  readonly text?: string;
}

/** `NAME.licence.txt` beside a file, `licence.txt` in a folder. */
export async function recordPath(path: string): Promise<string> {
  const folder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
  return folder ? join(path, 'licence.txt') : join(dirname(path), `${basename(path, extname(path))}.licence.txt`);
}

/** Writes down where something came from and what was agreed to. @param path of the file or folder. */
export async function writeRecord(path: string, record: Record, now = new Date()): Promise<void> {
  const { title, page, commit, licence, files, text } = record;
  const lines = [
    title,
    `From ${page}${commit ? `, commit ${commit}` : ''}`,
    licence ? `Licence: ${licence.name}, ${licence.url}` : 'Licence: its page names none',
    `Fetched, and the licence agreed to, on ${now.toISOString().slice(0, 10)} with \`easel pull\`.`,
    '',
    ...files.map(({ to, sha256 }) => `SHA-256 ${sha256}  ${to}`),
    ...(text ? ['', '-'.repeat(80), '', text.trimEnd()] : []),
  ];
  await writeWhole(await recordPath(path), `${lines.join('\n')}\n`);
}

/** When a model was pulled, in milliseconds; undefined for one that somebody put there. */
export async function pulledAt(path: string): Promise<number | undefined> {
  return (await stat(await recordPath(path)).catch(() => null))?.mtimeMs;
}

/**
 * The model to paint with where none is chosen: the one that was pulled last.
 *
 * @param models their paths, by name.
 */
export async function pulledLast(models: ReadonlyMap<string, string>): Promise<string | undefined> {
  let last: { name: string; at: number } | undefined;
  for (const [name, path] of models) {
    const at = await pulledAt(path);
    if (at !== undefined && (last === undefined || at > last.at)) last = { name, at };
  }
  return last?.name;
}

/**
 * A model by the name that it was pulled under: one of the catalogue's, or OWNER/NAME.
 *
 * @param models their paths, by name.
 * @returns its own name.
 */
export async function pulledAs(models: ReadonlyMap<string, string>, name: string): Promise<string | undefined> {
  const known = knownAs(name);
  if (known) {
    const own = known.files[0]!.path.split('/').at(-1)!;
    return models.has(own) ? own : undefined;
  }
  if (!name.includes('/')) return undefined;
  for (const [own, path] of models) {
    const record = await readFile(await recordPath(path), 'utf8').catch(() => '');
    const page = /^From (\S+?)(, commit [0-9a-f]+)?$/m.exec(record.slice(0, 4096))?.[1];
    if (page?.toLowerCase().endsWith(`/${name.toLowerCase()}`)) return own;
  }
  return undefined;
}
