import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A database server for one test, on a free port. */
export interface Server {
  readonly url: string;
  readonly port: number;
  /** Stops answering, without ending. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export function hasCommand(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A real Redis without persistence. */
export async function startRedis(port?: number): Promise<Server> {
  const own = port ?? (await freePort());
  const process = spawn('redis-server', ['--port', String(own), '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  await listening(own);
  return {
    url: `redis://127.0.0.1:${own}`,
    port: own,
    freeze: () => void process.kill('SIGSTOP'),
    thaw: () => void process.kill('SIGCONT'),
    stop: () => ended(process),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder that is deleted after the test. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'easel-bot-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.unref();
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

function ended(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    process.once('exit', () => resolve());
    process.kill('SIGKILL');
  });
}
