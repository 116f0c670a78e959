import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oracle } from '../oracle.js';
import { runEasel } from './run.js';

const FOLDER = 'test/fixtures/checkpoints';
const { files }: { files: { file: string; expect: string }[] } = JSON.parse(
  readFileSync(join(FOLDER, 'index.json'), 'utf8'),
);

describe('easel inspect', () => {
  test.each(files.filter((entry) => entry.expect.startsWith('reject') && !/or (load|ignore|swap)/.test(entry.expect)))(
    '$file ends in one line and exit code 1',
    async ({ file }) => {
      const { code, out, err } = await runEasel(['inspect', join(FOLDER, file)]);
      expect([code, out]).toEqual([1, '']);
      expect(err.trim().split('\n')).toEqual([expect.stringMatching(/^easel: test\/fixtures\/checkpoints\//)]);
    },
  );

  test('tells what a checkpoint holds', async () => {
    const { code, out } = await runEasel(['inspect', oracle('ckpt/nano/nano-full-ema-fp16.ckpt')]);
    expect(code).toBe(0);
    for (const line of [
      'format: CompVis layout, PyTorch checkpoint (zip)',
      'ema: both: trained (used unless use_ema is set) and EMA weights',
      'bytes: 3199383',
      'missing: none',
      'hash: 0f591ee098',
    ]) {
      expect(out).toContain(line);
    }
  });

  test('tells it to machines as one line of JSON', async () => {
    const { out } = await runEasel(['inspect', '--json', oracle('ckpt/nano/nano-ema-only.safetensors')]);
    expect(JSON.parse(out)).toMatchObject({
      event: 'checkpoint',
      missing: [],
      hash: expect.stringMatching(/^[0-9a-f]{10}$/),
    });
  });
});
