import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../src/make-folder.js';
import { packageRoot } from '../src/package-root.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-make-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ROUNDS = 500;

test('two that make the same folders at the same moment both succeed', async () => {
  // Each waits, in a loop, for the other to reach the same round: so they meet within microseconds.
  const script = `
    const { workerData } = require('node:worker_threads');
    const rounds = new Int32Array(workerData.rounds);
    import(${JSON.stringify(join(packageRoot, 'dist/src/make-folder.js'))}).then(({ makeFolder }) => {
      for (let k = 0; k < ${ROUNDS}; k++) {
        Atomics.add(rounds, 0, 1);
        while (Atomics.load(rounds, 0) < 2 * (k + 1));
        makeFolder(workerData.folder + '/' + k + '/a/b');
      }
    });`;
  const rounds = new SharedArrayBuffer(4);
  const both = [0, 1].map(() => new Worker(script, { eval: true, workerData: { rounds, folder } }));
  const failures = both.map((worker) => new Promise((done) => worker.on('error', done).on('exit', () => done(null))));
  const first = await Promise.race(failures);
  // The other waits for a round that never comes.
  if (first !== null) await Promise.all(both.map((worker) => worker.terminate()));
  expect([first, await Promise.all(failures)]).toEqual([null, [null, null]]);
});

test('a file in the way is an error', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file'))).toThrow('EEXIST');
  // Before Node 26, a file on the way is an error of stat already.
  expect(() => makeFolder(join(folder, 'file/below'))).toThrow(/ENOTDIR|EEXIST/);
});
