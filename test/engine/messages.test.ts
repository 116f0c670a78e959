import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'vite';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

// The engine is a library: command-line flags and environment variables belong to its callers.

const ENGINE = join(packageRoot, 'src/engine');
const VARIABLES = [...readFileSync(join(packageRoot, '.env.example'), 'utf8').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(
  ([, name]) => name!,
);

const FOREIGN: readonly [string, RegExp][] = [
  ['a flag of the command line', /(^|[\s(`'"])--[a-z]/],
  ['npm', /\bnp[mx] /],
  [
    'a variable of the environment',
    new RegExp(`\\b(${[...VARIABLES, 'TMPDIR', 'TEMP', 'TMP', 'HOME', 'ONNXRUNTIME_NODE_INSTALL'].join('|')})\\b`),
  ],
];

const texts = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => textsOf(name).map((text) => ({ name, text })));

test('there are variables and texts to look at', () => {
  expect(VARIABLES).toContain('DEVICE');
  expect(texts.length).toBeGreaterThan(1000);
});

test.each(FOREIGN)('no text of the engine names %s', (_, foreign) => {
  expect(texts.filter(({ text }) => foreign.test(text))).toEqual([]);
});

/** String literals and the parts of templates. */
function textsOf(name: string): string[] {
  const found: string[] = [];
  const { program } = parseSync(name, readFileSync(join(ENGINE, name), 'utf8'));
  new Visitor({
    Literal: ({ value }) => void (typeof value === 'string' && found.push(value)),
    TemplateElement: ({ value }) => void found.push(value.cooked ?? value.raw),
  }).visit(program);
  return found;
}
