import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MARKER } from '../../bench/report.js';

const BENCH = join(import.meta.dirname, '../../dist/bench/main.js');

test('npm run bench measures every row, says what it could not, keeps what was written by hand, and leaves nothing behind', () => {
  const [out, scratch] = [mkdtempSync(join(tmpdir(), 'easel-results-')), mkdtempSync(join(tmpdir(), 'easel-scratch-'))];
  try {
    writeFileSync(join(out, 'RESULTS.md'), `old\n\n${MARKER}\n\n## By hand\n`);
    const env = { ...process.env, TMPDIR: scratch, EASEL_PYTHON: '' };
    execFileSync(process.execPath, [BENCH, '--small', '--out', out], { env, stdio: 'ignore' });
    const written = readFileSync(join(out, 'RESULTS.md'), 'utf8');
    expect(written).not.toMatch(/old|stopped before its end|Left out/);
    expect(written.endsWith(`${MARKER}\n\n## By hand\n`)).toBe(true);
    const rows = written.split('\n').filter((line) => line.startsWith('| '));
    for (const row of rows) expect(row).not.toMatch(/NaN|Infinity|undefined|cannot|Error/);
    expect(rows.filter((row) => row.startsWith('| Easel, int8 |'))).toHaveLength(2);
    expect(rows.filter((row) => row.includes('not measured: EASEL_PYTHON names no Python'))).toHaveLength(5);
    expect(rows.filter((row) => row.includes('LCM, 4 steps'))).toHaveLength(2);
    expect(rows.some((row) => row.startsWith('| int8, 20 steps, fastest |'))).toBe(true);
    for (const chart of ['chart.svg', 'growth.svg']) {
      expect(readFileSync(join(out, chart), 'utf8')).toMatch(/prefers-color-scheme: dark/);
    }
    // ONNX Runtime leaves a log of its own.
    expect(readdirSync(scratch).filter((name) => name.startsWith('easel-'))).toEqual([]);
  } finally {
    for (const folder of [out, scratch]) rmSync(folder, { recursive: true, force: true });
  }
});
