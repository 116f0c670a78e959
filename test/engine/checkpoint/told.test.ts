import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readYaml } from '../../../src/engine/checkpoint/compvis/yaml.js';
import { readContainer } from '../../../src/engine/checkpoint/container.js';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { isDangerous } from '../../../src/engine/checkpoint/torch/imports.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { runEasel } from '../../cli/run.js';
import { float32, writeSafetensors } from './write-safetensors.js';

const FILES = 'test/fixtures/checkpoints';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-told-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

/** A safetensors file of a given header and no tensors' bytes. */
function withHeader(name: string, header: string): Promise<string> {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return file(name, Buffer.concat([length, Buffer.from(header)]));
}

async function refusal(path: string): Promise<string> {
  const error = await readContainer(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckpointError);
  return (error as Error).message;
}

describe('a pickle that asks for more than tensors is read without running it, and that is said', () => {
  test.each([
    ['evil-os-system.ckpt', /asks for (posix|os)\.system, with which it could run programs/],
    ['evil-builtins-exec.ckpt', /asks for builtins\.(exec|eval)/],
  ])('%s, by easel inspect', async (name, sentence) => {
    const { code, out } = await runEasel(['inspect', join(FILES, name)]);
    expect(code).toBe(3);
    expect(out).toMatch(sentence);
    expect((await describeCheckpoint(join(FILES, name), { hash: false })).warnings[0]).toMatch(sentence);
  });

  test('also of a file that has nothing but the attack', async () => {
    for (const name of ['evil-legacy.ckpt', 'evil-os-system-first.ckpt']) {
      expect(await refusal(join(FILES, name))).toMatch(/asks for (os|posix)\.system/);
    }
  });

  test.each(['good.ckpt', 'good-flat.ckpt', 'good-unknown-globals.ckpt'])('%s gives no alarm', async (name) => {
    expect((await readContainer(join(FILES, name))).warnings).toEqual([]);
  });

  test.each(
    'os.system posix.system nt.popen builtins.exec builtins.getattr __builtin__.eval subprocess.Popen socket.socket torch.hub.load importlib.import_module functools.partial os.path.join runpy._run_code builtins'.split(
      ' ',
    ),
  )('%s is dangerous', (name) => expect(isDangerous(name)).toBe(true));

  test.each(
    'collections.OrderedDict torch._utils._rebuild_tensor_v2 torch.FloatStorage numpy.core.multiarray.scalar builtins.set pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint _codecs.encode argparse.Namespace'.split(
      ' ',
    ),
  )('%s is not', (name) => expect(isDangerous(name)).toBe(false));
});

describe('headers of safetensors', () => {
  test('of 17 MB, for their metadata, are read', async () => {
    const path = join(folder, 'wordy.safetensors');
    await writeSafetensors(path, new Map([['a', float32([1], [1])]]), { notes: '{"a": 1, }'.repeat(1_700_000) });
    expect((await readContainer(path)).tensors.size).toBe(1);
  });

  test('longer than the format allows are called too long, and not read', async () => {
    const path = await file('long.safetensors', Buffer.from('ffffff0600000000', 'hex'));
    await truncate(path, 200_000_000);
    const message = await refusal(path);
    expect(message).toMatch(/its header is too long: 117440511 bytes/);
    expect(message).not.toMatch(/damaged/);
  });

  test('with a million names are refused before they are parsed', async () => {
    const names = Array.from({ length: 1_100_000 }, (_, k) => `"${k}":0`).join();
    expect(await refusal(await withHeader('names.safetensors', `{${names}}`))).toMatch(/far more tensors/);
  });

  test('with numbers that Easel does not know are not called damaged', async () => {
    const entry = '{"a":{"dtype":"C64","shape":[0],"data_offsets":[0,0]}}';
    const message = await refusal(await withHeader('complex.safetensors', entry));
    expect(message).toMatch(/has the dtype "C64", which Easel cannot read/);
    expect(message).not.toMatch(/damaged|again/);
  });
});

describe('what is another kind of file is called so', () => {
  test.each([
    ['model.ckpt.gz', '\x1f\x8b\x08\0', /a gzip archive/],
    ['model.7z', '7z\xbc\xaf\x27\x1c', /a 7z archive/],
    ['model.h5', '\x89HDF\r\n\x1a\n', /an HDF5 file/],
    ['picture.safetensors', '\x89PNG\r\n\x1a\n', /a picture/],
  ])('%s', async (name, bytes, kind) => {
    const message = await refusal(await file(name, Buffer.from(bytes.padEnd(100, '\0'), 'latin1')));
    expect(message).toMatch(kind);
    expect(message).not.toMatch(/damaged/);
  });

  test('a truncated file is damaged', async () => {
    expect(await refusal(join(FILES, 'truncated.safetensors'))).toMatch(/damaged .*download it again/);
    expect(await refusal(join(FILES, 'pickle-truncated.ckpt'))).toMatch(/damaged: download it again/);
  });
});

describe('a YAML that is no configuration ends soon', () => {
  test('of a megabyte of keys', async () => {
    const path = await file('keys.yaml', Array.from({ length: 90_000 }, (_, k) => `key${k}: 1`).join('\n'));
    const start = process.cpuUsage();
    await expect(readYaml(path)).rejects.toThrow(/larger than 66 KB/);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
  });

  test('of as many keys as may be', async () => {
    const path = await file('most.yaml', Array.from({ length: 6000 }, (_, k) => `k${k}: 1`).join('\n'));
    const start = process.cpuUsage();
    await expect(readYaml(path)).rejects.toThrow(CheckpointError);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
  });

  test.each([
    ['aliases', `a: &a [x]\n${Array.from({ length: 9 }, (_, k) => `b${k}: [*a, *a]`).join('\n')}`],
    ['a nest', '['.repeat(60_000)],
  ])('of %s', async (name, text) => {
    await expect(readYaml(await file(`${name}.yaml`, text))).rejects.toThrow(CheckpointError);
  });
});
