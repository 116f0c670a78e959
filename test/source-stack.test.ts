import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.js';
import { inSources } from '../src/source-stack.js';

const CHILD = join(packageRoot, 'dist/src/bot/painter/child.js');

/** What a painter process prints that is started with an argument that is no JSON. */
function crash(...words: string[]): string {
  return spawnSync(process.execPath, words, { encoding: 'utf8' }).stderr;
}

test('stacks from the bundled programs name files and lines of the sources', () => {
  const stack = crash(CHILD, '{');
  expect(stack).toContain('/dist/src/bot/painter/child.js:');
  expect(inSources(stack)).toMatch(/at src\/bot\/painter\/child\.ts:\d+:\d+/);
});

test('so do errors that nobody handles', () => {
  const modules = ['src/source-stack.js', 'src/bot/painter/child.js'].map((file) =>
    JSON.stringify(pathToFileURL(join(packageRoot, 'dist', file))),
  );
  const script = `import(${modules[0]}).then(({ showSources }) => {
    process.on('uncaughtExceptionMonitor', showSources);
    process.argv[2] = '{';
    return import(${modules[1]});
  });`;
  expect(crash('-e', script)).toMatch(/at src\/bot\/painter\/child\.ts:\d+:\d+/);
});

test('what is not ours, or has no map, stays as it is', () => {
  const frames = [
    'node:internal/main:1:2',
    'file:///usr/lib/x.js:3:4',
    `${pathToFileURL(packageRoot)}/dist/none.js:5:6`,
  ];
  for (const frame of frames) expect(inSources(`    at f (${frame})`)).toBe(`    at f (${frame})`);
});
