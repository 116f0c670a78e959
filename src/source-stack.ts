import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packageRoot } from './package-root.js';

/** A place in a compiled file, as stacks name it. */
const PLACE = /(file:\/\/\/\S+?\.js):(\d+):(\d+)/g;
const COMPILED = `${pathToFileURL(packageRoot)}/dist/`;

const maps = new Map<string, SourceMap | undefined>();

/**
 * A stack, or a line of one, with places in the sources: `src/bot/bot.ts:117:9`. The programs are bundles of a few large files, which say
 * little. Node could do this (--enable-source-maps), but reads all maps at the start, which takes a tenth of a second.
 */
export function inSources(stack: string): string {
  return stack.replace(PLACE, (place, url: string, line: string, column: string) => {
    const map = url.startsWith(COMPILED) ? mapOf(url) : undefined;
    const found = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!found || !('originalSource' in found)) return place;
    const source = relative(packageRoot, resolve(dirname(fileURLToPath(url)), found.originalSource));
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

/** For errors that nobody handles, before Node prints them. */
export function showSources(error: unknown): void {
  if (error instanceof Error && error.stack) error.stack = inSources(error.stack);
}

/** A package that was installed has no maps. */
function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) {
    try {
      maps.set(url, new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${url}.map`), 'utf8'))));
    } catch {
      maps.set(url, undefined);
    }
  }
  return maps.get(url);
}
