import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { Studio } from './harness.js';

let studio: Studio;
let child: ChildProcess;
beforeAll(async () => {
  studio = await Studio.withoutBot();
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await studio.stop();
});

test('a bot whose token is reset while it runs says what to do and ends with exit code 1', async () => {
  const { discord, application } = studio;
  const { PATH, HOME } = process.env;
  child = spawn(process.execPath, [join(packageRoot, 'dist/src/main.js')], {
    env: { PATH, HOME, ...studio.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout!.on('data', (text) => (printed += text));
  await expect.poll(() => printed).toContain('Add the bot to your server');
  application.token = `${application.token}-reset`;
  discord.gateway.invalidate();
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(25_000) });
  expect(code).toBe(1);
  const fatal = printed.split('\n').filter((line) => line.includes('"fatal"'));
  expect(fatal).toHaveLength(1);
  expect(fatal[0]).toContain('DISCORD_TOKEN was refused');
  expect(fatal[0]).toContain('Reset Token');
});
