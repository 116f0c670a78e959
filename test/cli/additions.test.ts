import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { oracle } from '../oracle.js';
import { runEasel } from './run.js';

test("easel inspect says of AUTOMATIC1111's preview that it holds an embedding", async () => {
  const { code, out } = await runEasel(['inspect', 'test/fixtures/embeddings/preview.png']);
  expect([code, out]).toEqual([0, expect.stringContaining('a textual-inversion embedding "my-style". Pass it with')]);
});

test('easel models lists files whose extensions are in capitals, and LoRAs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'easel-models-'));
  try {
    mkdirSync(join(folder, 'models/lora'), { recursive: true });
    copyFileSync(oracle('ckpt/nano/nano-ema-only.safetensors'), join(folder, 'models/X.SAFETENSORS'));
    copyFileSync('test/fixtures/lora/lokr.safetensors', join(folder, 'models/lora/Y.SAFETENSORS'));
    const main = resolve('dist/src/cli/main.js');
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'models'], { cwd: folder });
    expect(stdout).toMatch(/^X\.SAFETENSORS\n.* complete, without a safety checker$/m);
    expect(stdout).toMatch(/^lora\/Y\.SAFETENSORS\n.* a LoRA; modules: 3; LoKr/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
