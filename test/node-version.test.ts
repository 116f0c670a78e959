import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeTooOld } from '../src/node-version.js';
import { packageRoot } from '../src/package-root.js';

test.each(['18.20.8', '20.10.0', '20.18.3'])('Node %s is refused in one line with the remedy', (version) => {
  expect(nodeTooOld(version)).toMatch(/^Node [\d.]+ is too old: install 20\.19 or newer .+$/);
});

test.each(['20.19.0', '22.4.1', '24.0.0'])('Node %s is taken', (version) => {
  expect(nodeTooOld(version)).toBeNull();
});

test('package.json names the same oldest Node', () => {
  const { engines } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  expect(nodeTooOld(engines.node.replace('>=', ''))).toBeNull();
  expect(nodeTooOld('20.18.99')).toContain(engines.node.replace('>=', ''));
});

test.each(['src/main.ts', 'src/cli/main.ts'])('%s loads the rest only when the Node is new enough', (entry) => {
  const imported = [...readFileSync(join(packageRoot, entry), 'utf8').matchAll(/^import .* from '(.+)';$/gm)];
  const fine = /\/(node-version|errors)\.js$/;
  expect(imported.map(([, path]) => path).filter((path) => !fine.test(path!))).toEqual([]);
});
