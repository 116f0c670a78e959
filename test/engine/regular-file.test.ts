import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadEnv } from '../../src/config.js';
import { describeCheckpoint } from '../../src/engine/checkpoint/describe.js';
import { openModel } from '../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { readLora } from '../../src/engine/lora/read.js';
import { FileRefused, openFile, readWhole } from '../../src/engine/regular-file.js';
import { openTokenizer } from '../../src/engine/text/open-tokenizer.js';
import { runEasel } from '../cli/run.js';
import { oracle } from '../oracle.js';

const isWindows = process.platform === 'win32';
const NANO = oracle('ckpt/nano/nano-ema-only.safetensors');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function pipe(name: string): string {
  const path = join(folder, name);
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  return path;
}

// Opening a pipe waits until somebody writes into it: a test that hangs here has failed.
describe.skipIf(isWindows)('only files are opened', () => {
  test('a link to a file is followed', async () => {
    writeFileSync(join(folder, 'file'), 'text');
    symlinkSync('file', join(folder, 'link'));
    expect((await readWhole(join(folder, 'link'), 4)).toString()).toBe('text');
  });

  test('a pipe, a socket, a device or a folder is refused by what it is, also behind a link', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    pipe('pipe');
    symlinkSync('pipe', join(folder, 'link'));
    const kinds = { pipe: /named pipe/, link: /named pipe/, socket: /socket/, '/dev/zero': /device/, '.': /folder/ };
    for (const [name, kind] of Object.entries(kinds)) {
      const path = name.startsWith('/') ? name : join(folder, name);
      await expect(openFile(path), name).rejects.toThrow(FileRefused);
      await expect(readWhole(path, 10), name).rejects.toThrow(kind);
    }
    await new Promise((resolve) => server.close(resolve));
  });

  test('a file that is too large is not read', async () => {
    writeFileSync(join(folder, 'file'), '');
    truncateSync(join(folder, 'file'), 1e9);
    await expect(readWhole(join(folder, 'file'), 100e6)).rejects.toThrow('it is larger than 100 MB');
    // It reports size 0, but has content.
    if (process.platform === 'linux') await expect(readWhole('/proc/self/status', 3)).rejects.toThrow(FileRefused);
  });

  test('weights, LoRAs and embeddings', async () => {
    const path = pipe('x.safetensors');
    for (const attempt of [
      () => openModel(path),
      () => describeCheckpoint(path, { hash: true }),
      () => readLora(path),
      () => openModel(EMBEDDED_MODEL, { vae: path }),
      () => openModel(EMBEDDED_MODEL, { embeddings: [{ file: path }] }),
    ]) {
      await expect(attempt()).rejects.toThrow(/x\.safetensors: it is a named pipe, not a file/);
    }
  });

  test('every file of a folder', async () => {
    const model = join(folder, 'model');
    cpSync(EMBEDDED_MODEL, model, { recursive: true });
    const names = readdirSync(model, { recursive: true }).map(String);
    const refused: string[] = [];
    for (const name of names.filter((name) => /\.(json|safetensors|txt)$/.test(name))) {
      const path = pipe(join('model', name));
      await openModel(model)
        .then(({ tokenizer }) => openTokenizer(tokenizer))
        .catch(({ message }: Error) => {
          expect(message).toMatch(/it is a named pipe/);
          refused.push(name);
        });
      rmSync(path);
      cpSync(join(EMBEDDED_MODEL, name), path);
    }
    const read = ['model_index.json', 'unet/config.json', 'tokenizer/merges.txt', 'tokenizer/tokenizer_config.json'];
    expect(refused).toEqual(expect.arrayContaining(read));
    expect(refused.filter((name) => name.endsWith('.safetensors'))).toHaveLength(3);
  });

  test('a YAML beside a checkpoint', async () => {
    cpSync(NANO, join(folder, 'nano.safetensors'));
    pipe('nano.yaml');
    await expect(openModel(join(folder, 'nano.safetensors'))).rejects.toThrow(/nano\.yaml: it is a named pipe/);
  });

  test('files named on the command line', async () => {
    const file = pipe('given');
    for (const argv of [
      ['txt2img', '--from-file', file],
      ['txt2img', '--ckpt', file],
      ['txt2img', '--vae', file],
      ['txt2img', '--embedding', file],
      ['txt2img', '--config', file, '--ckpt', NANO],
      ['img2img', '--init-img', file],
      ['inspect', file],
      ['inspect', pipe('given.png')],
    ]) {
      const out = argv[0] === 'inspect' ? [] : ['--outdir', join(folder, 'out')];
      const { code, err } = await runEasel([...argv, ...out]);
      expect([argv.join(' '), code, err]).toEqual([
        argv.join(' '),
        1,
        expect.stringMatching(/^easel: .*given.* named pipe.*\n$/m),
      ]);
    }
  });

  test('a file of prompts that is too large is told as that', async () => {
    const file = join(folder, 'prompts.txt');
    writeFileSync(file, '');
    truncateSync(file, 1e9);
    const { code, err } = await runEasel(['txt2img', '--from-file', file, '--outdir', join(folder, 'out')]);
    expect([code, err]).toEqual([1, expect.stringMatching(/prompts\.txt \(it is larger than 100 MB\)/)]);
  });

  test('.env', async () => {
    await expect(loadEnv(pipe('.env'))).rejects.toThrow(/settings in .*\.env cannot be read \(it is a named pipe/);
    await expect(loadEnv(folder)).rejects.toThrow(/it is a folder/);
    await loadEnv(join(folder, 'none'));
  });
});
