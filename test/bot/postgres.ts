import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort, listening, type Server } from './servers.js';

/** PostgreSQL's error code while it starts up (manual, appendix A). */
const CANNOT_CONNECT_NOW = '57P03';

/** Where Debian keeps the newest version's programs; null where PostgreSQL is not installed or cannot be started. */
export const postgresPrograms = ((): string | null => {
  const root = '/usr/lib/postgresql';
  const [newest] = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  if (!newest || !existsSync(join(root, newest, 'bin/initdb'))) return null;
  return process.getuid?.() === 0 && !owner() ? null : join(root, newest, 'bin');
})();

/** PostgreSQL refuses to run as root. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** A real PostgreSQL with a folder of its own. */
export async function startPostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'easel-postgres-'));
  const as = owner();
  if (as) chownSync(folder, as.uid, as.gid);
  const options = { ...as, cwd: folder, stdio: 'ignore' } as const;
  execFileSync(
    join(postgresPrograms!, 'initdb'),
    ['-D', join(folder, 'data'), '-U', 'easel', '-A', 'trust', '-N'],
    options,
  );
  const port = await freePort();
  const flags = ['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'];
  const server = spawn(join(postgresPrograms!, 'postgres'), flags, options);
  const ended = new Promise((resolve) => server.once('exit', resolve));
  await listening(port);
  /** To the server and all its connection processes. */
  const signal = (name: string) => {
    const children = execFileSync('ps', ['--ppid', String(server.pid), '-o', 'pid='], { encoding: 'utf8' });
    for (const pid of [server.pid!, ...children.trim().split(/\s+/).map(Number)]) {
      try {
        process.kill(pid, name);
      } catch (error) {
        // It ended since it was listed: connections and workers come and go.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  const url = `postgres://easel@127.0.0.1:${port}/postgres`;
  await answering(url);
  return {
    url,
    port,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop: async () => {
      server.kill('SIGQUIT');
      const timer = setTimeout(() => server.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It listens before it accepts connections. */
async function answering(url: string): Promise<void> {
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if ((error as { code?: string }).code !== CANNOT_CONNECT_NOW) throw error;
      await sleep(100);
    }
  }
}
