import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wildcardFillings } from '../../../src/bot/intake/wildcards.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'easel-wildcards-'));
  mkdirSync(join(dataDir, 'wildcards'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("an operator's list may ask for more lists than a call takes arguments", async () => {
  const asked = Array.from({ length: 150_000 }, (_, k) => `__${k}__`);
  writeFileSync(join(dataDir, 'wildcards/all.txt'), asked.join('\n'));
  writeFileSync(join(dataDir, 'wildcards/0.txt'), 'fox');
  const { fillings, notices } = await wildcardFillings(dataDir, { wildcards: [] }, 'a __all__');
  expect(notices).toEqual([]);
  for (const { prompt } of fillings) {
    expect(prompt).toBe('a fox');
    break;
  }
});
