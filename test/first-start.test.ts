import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { DEFAULT_MODEL } from '../src/config.js';
import { packageRoot } from '../src/package-root.js';

test('the first start says in the terminal and on the page that the model is a demonstration, and how to get another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'easel-first-'));
  const ports = { LOCAL_PORT: '0', HEALTH_PORT: '0', THREADS: '1' };
  const child = spawn(process.execPath, [join(packageRoot, 'dist/src/main.js')], {
    cwd: folder,
    env: { ...process.env, DISCORD_TOKEN: '', MODEL: '', MODELS_DIR: '', DATA_DIR: join(folder, 'data'), ...ports },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await expect
      .poll(() => said)
      .toContain(`${DEFAULT_MODEL}, a small demonstration. A real model: npx easel pull sd-v1-5\n`);
    const url = /Easel is here: (\S+)/.exec(said)![1]!.replace(/\/$/, '');
    const [account] = (await (await fetch(`${url}/page/api/accounts`)).json()) as { user: { id: string } }[];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/page/api/live?account=${account!.user.id}`);
    const [first] = await once(socket, 'message');
    socket.close();
    expect(String(first)).toContain('"demonstration":true');
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
});
