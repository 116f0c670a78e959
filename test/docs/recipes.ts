import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A recipe of docs/extending.md: what its example says in code blocks. */
export interface Recipe {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A file to make, changes of files that there are, or commands to run. */
interface Block {
  readonly language: string;
  /** Of the file to make; empty otherwise. */
  readonly path: string;
  readonly text: string;
}

const BLOCK = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms;

export function recipesIn(markdown: string): Recipe[] {
  const sections = markdown.split(/^## /m).slice(1);
  return sections.map((section) => ({
    title: section.split('\n', 1)[0]!,
    blocks: [...section.matchAll(BLOCK)].map(([, language, path = '', text]) => ({
      language: language!,
      path,
      text: text!,
    })),
  }));
}

/** What is to be run, one command a line, without comments. */
export function commandsOf({ blocks }: Recipe): string[] {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.trim().split('\n'));
  return lines.map((line) => line.replace(/\s+#.*/, ''));
}

/**
 * The files that a recipe makes or changes, by path, as they are then.
 *
 * @throws Error if what it changes is not there, or there more than once.
 */
export function filesAfter(recipe: Recipe, root: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const { language, path, text } of recipe.blocks) {
    if (path) {
      if (existsSync(join(root, path))) throw new Error(`${recipe.title}: there is a ${path} already.`);
      files.set(path, text);
    }
    if (language !== 'diff') continue;
    for (const change of text.split(/^--- /m).slice(1)) {
      const [file = '', ...lines] = change.trimEnd().split('\n');
      const side = (other: string) => lines.filter((line) => line[0] !== other).map((line) => line.slice(1));
      const [before, after] = [side('+').join('\n'), side('-').join('\n')];
      const parts = (files.get(file) ?? readFileSync(join(root, file), 'utf8')).split(before);
      if (parts.length !== 2) throw new Error(`${recipe.title}: ${file} has ${parts.length - 1} of these:\n${before}`);
      files.set(file, parts.join(after));
    }
  }
  return files;
}

export function carryOut(recipe: Recipe, root: string): void {
  for (const [path, text] of filesAfter(recipe, root)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
