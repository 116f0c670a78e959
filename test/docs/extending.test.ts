import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { commandsOf, filesAfter, recipesIn } from './recipes.js';

// extending.slow.test.ts runs what the examples say.

const recipes = recipesIn(readFileSync(join(packageRoot, 'docs/extending.md'), 'utf8'));

test.each(recipes)('$title: the example fits the files that there are, and is checked by a command', (recipe) => {
  expect(filesAfter(recipe, packageRoot).size).toBeGreaterThan(0);
  expect(commandsOf(recipe)).toContainEqual(expect.stringMatching(/^npx vitest run /));
});

test('every recipe is known', () => {
  expect(recipes.length).toBe(8);
});
