import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandReference } from '../../scripts/command-reference.js';
import { packageRoot } from '../../src/package-root.js';

test('docs/commands.md says what the commands are today; if not: npm run docs:commands', async () => {
  const written = readFileSync(join(packageRoot, 'docs/commands.md'), 'utf8');
  expect(written).toBe(await commandReference());
});
