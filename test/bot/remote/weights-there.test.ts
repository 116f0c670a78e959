import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { digestsOf } from '../../../src/bot/remote/digests.js';
import { weightsThere } from '../../../src/bot/remote/weights-there.js';
import { temporaryFolder } from '../servers.js';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const cache = join(folder.path, 'cache');

function file(name: string, bytes: string | Buffer): string {
  const path = join(folder.path, name);
  writeFileSync(path, bytes);
  return path;
}

test('LoRAs count by the name of their file and by their alias', async () => {
  const header = JSON.stringify({ __metadata__: { ss_output_name: 'brush' } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  file('ink.safetensors', Buffer.concat([length, Buffer.from(header)]));
  const there = await weightsThere({ modelsDir: join(folder.path, 'models'), cache }, new Map(), [folder.path]);
  expect([...there.keys()]).toEqual(['LoRA ink', 'LoRA brush']);
  expect(there.get('LoRA brush')).toBe(there.get('LoRA ink'));
});

test.each(['fox.yaml', 'fox.easel.json', 'fox.vae.pt'])('a model with %s beside it is another model', async (name) => {
  const paths = new Map([['fox', file('fox.ckpt', 'weights')]]);
  const before = await digestsOf(paths, cache);
  file('fox.png', 'a picture of it');
  file('foxes.yaml', 'of another');
  expect(await digestsOf(paths, cache)).toEqual(before);
  file(name, 'one');
  const one = await digestsOf(paths, cache);
  file(name, 'another');
  const another = await digestsOf(paths, cache);
  expect(new Set([before, one, another].map((digests) => digests.get('fox'))).size).toBe(3);
});
