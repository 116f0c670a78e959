import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { filesBelow } from '../../engine/files-below.js';
import { checkLength } from '../request/length.js';
import type { PaintRequest } from '../request/paint-request.js';
import { picturesOf } from '../request/varied.js';
import {
  entriesOf,
  type Filling,
  filled,
  fillings,
  listsNamed,
  type WildcardLists,
  wildcardsIn,
} from '../request/wildcards.js';
import type { Settings } from '../rules/settings.js';
import { lengthOf } from '../text/cut.js';
import type { Notice } from '../text/notice.js';

/** Bytes of a file that is read. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Names in a notice. */
const NAMED = 25;

type OwnLists = Pick<Settings, 'wildcards'>;

/** The operator's lists, in `wildcards` of DATA_DIR, by name; nothing is read of them yet. Names come from the disk alone. */
async function wildcardFiles(dataDir: string): Promise<Map<string, string>> {
  const folder = join(dataDir, 'wildcards');
  const files = (await filesBelow(folder)).filter(({ path, bytes }) => /\.txt$/i.test(path) && bytes <= MAX_BYTES);
  return new Map(files.map(({ path }) => [nameOf(relative(folder, path)), path]));
}

function nameOf(path: string): string {
  return path.slice(0, -'.txt'.length).split(sep).join('/').normalize('NFC').toLowerCase();
}

/** The names of all lists that a server's members can use. */
export async function wildcardNames(dataDir: string, { wildcards }: OwnLists): Promise<string[]> {
  const names = new Set([...wildcards.map(({ name }) => name), ...(await wildcardFiles(dataDir)).keys()]);
  return [...names].sort();
}

/**
 * The request with what its wildcards stand for in each of its pictures, chosen by the picture's seed. A server's lists come
 * before the operator's of the same name. In negative prompts they are words.
 *
 * @returns the same request if there are none.
 * @throws Refusal if a prompt becomes too long.
 */
export async function withWildcards(
  dataDir: string,
  settings: OwnLists,
  { painted: _, ...request }: PaintRequest,
): Promise<{ request: PaintRequest; notices: readonly Notice[] }> {
  checkLength(lengthOf(request.prompt), 'prompt');
  const asked = wildcardsIn(promptsOf(request as PaintRequest).join('\n'));
  const { lists, notices } = await listsFor(dataDir, settings, asked);
  if (notices.length === asked.length) return { request: request as PaintRequest, notices };
  const unfilled = picturesOf({ ...request, painted: promptsOf(request as PaintRequest) } as PaintRequest);
  const painted = unfilled.map(({ prompt, seed }) => filled(prompt, lists, seed));
  for (const prompt of painted) checkLength(lengthOf(prompt), 'prompt');
  return { request: { ...request, painted } as PaintRequest, notices };
}

/** What a prompt's wildcards may make of it, see {@link fillings}; and which of them there are not. */
export async function wildcardFillings(
  dataDir: string,
  settings: OwnLists,
  prompt: string,
): Promise<{ fillings: Iterable<Filling>; notices: readonly Notice[] }> {
  const { lists, notices } = await listsFor(dataDir, settings, wildcardsIn(prompt));
  return { fillings: fillings(prompt, lists), notices };
}

/** The lists of those names, and a notice for each name without one. */
async function listsFor(
  dataDir: string,
  settings: OwnLists,
  asked: readonly string[],
): Promise<{ lists: WildcardLists; notices: readonly Notice[] }> {
  if (asked.length === 0) return { lists: new Map(), notices: [] };
  const files = await wildcardFiles(dataDir);
  const lists = await read(asked, files, settings);
  const names = [...new Set([...settings.wildcards.map(({ name }) => name), ...files.keys()])].sort();
  const unknown = asked.filter((name) => listsNamed(name, lists).length === 0);
  return { lists, notices: unknown.map((name) => unknownWildcard(name, names)) };
}

/** One a picture, with the wildcards that were typed. */
function promptsOf(request: PaintRequest): string[] {
  const prompts = picturesOf(request).map(({ prompt }) => prompt);
  return prompts.length === request.count ? prompts : Array<string>(request.count).fill(request.prompt);
}

/** The lists that are asked for, and what these ask for in turn. */
async function read(
  asked: readonly string[],
  files: ReadonlyMap<string, string>,
  { wildcards }: OwnLists,
): Promise<WildcardLists> {
  const own = new Map(wildcards.map(({ name, entries }) => [name.toLowerCase(), entries]));
  const all = new Map<string, readonly string[]>([...files.keys(), ...own.keys()].map((name) => [name, []]));
  const lists = new Map<string, readonly string[]>();
  const wanted = [...asked];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    for (const list of listsNamed(name, all)) {
      if (lists.has(list)) continue;
      const entries = own.get(list) ?? entriesOf(await readFile(files.get(list)!, 'utf8').catch(() => ''));
      lists.set(list, entries);
      for (const more of wildcardsIn(entries.join('\n'))) wanted.push(more);
    }
  }
  return new Map([...lists].filter(([, entries]) => entries.length > 0));
}

function unknownWildcard(name: string, names: readonly string[]): Notice {
  const some = [...names.slice(0, NAMED), ...(names.length > NAMED ? ['…'] : [])].map((one) =>
    one === '…' ? one : `__${one}__`,
  );
  const known = some.join(', ');
  const values = { wildcard: `__${name.slice(0, 60)}__`, names: known };
  if (names.length === 0) {
    const text = `There is no wildcard ${values.wildcard}, so it was left as it is. There are none here yet.`;
    return { text, meaning: { code: 'noWildcards', values } };
  }
  const text = `There is no wildcard ${values.wildcard}, so it was left as it is. There are: ${known}`;
  return { text, meaning: { code: 'unknownWildcard', values } };
}
