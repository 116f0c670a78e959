import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlPath } from '../../../src/bot/models/model-path.js';
import { failureOf } from '../../../src/bot/queue/failure.js';
import { aJob } from '../request.js';
import { temporaryFolder } from '../servers.js';

test('a ControlNet is found by its name, and whose request needs one that is gone is told which', async () => {
  using folder = temporaryFolder();
  const net = join(folder.path, 'controlnet/canny.safetensors');
  mkdirSync(join(folder.path, 'controlnet'));
  writeFileSync(net, '');
  expect(await controlPath(folder.path, 'canny')).toBe(net);
  const error = await controlPath(folder.path, 'gone').catch((error: unknown) => error);
  expect(failureOf(error, aJob())).toMatchObject({ meaning: { code: 'noControl', values: { net: 'gone' } } });
});
