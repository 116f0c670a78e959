import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@keyv/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { hasCommand, type Server, startRedis } from '../servers.js';
import { type BotProcess, pair } from './bot-process.js';
import { Studio } from './harness.js';

// Two bots and a painter, each a process of its own, with a Redis user that may do what the operator's guide says.

const PASSWORD = 'secret';
const guide = readFileSync(join(packageRoot, 'docs/more-machines.md'), 'utf8');
const RULES = /`ACL SETUSER easel on >PASSWORD ([^`]+)`/.exec(guide)![1]!.split(' ');

describe.skipIf(!hasCommand('redis-server'))('painters elsewhere', () => {
  let redis: Server;
  let studio: Studio;
  let painter: ChildProcess;
  let bots: BotProcess[] = [];
  const kept = mkdtempSync(join(tmpdir(), 'easel-painter-'));
  let said = '';
  beforeAll(async () => {
    redis = await startRedis();
    const admin = createClient({ url: redis.url });
    await admin.connect();
    await admin.sendCommand(['ACL', 'SETUSER', 'easel', 'on', `>${PASSWORD}`, ...RULES]);
    await admin.sendCommand(['ACL', 'SETUSER', 'default', 'off']);
    admin.destroy();
    const url = redis.url.replace('//', `//easel:${PASSWORD}@`);
    studio = await Studio.withoutBot({ DATABASE_URL: url, PAINTERS: url, STANDBY: 'on' });
    const { PATH, HOME, EASEL_CACHE } = process.env;
    painter = spawn(process.execPath, [join(packageRoot, 'dist/src/cli/main.js'), 'paint', '--queue', url], {
      env: { PATH, HOME, EASEL_CACHE, DATA_DIR: kept, THREADS: '1', LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [painter.stdout!, painter.stderr!]) {
      output.on('data', (text) => {
        said += text;
      });
    }
  });
  afterAll(async () => {
    for (const bot of bots) await bot.stop();
    painter?.kill('SIGKILL');
    await studio?.stop();
    await redis?.stop();
    rmSync(kept, { recursive: true, force: true });
  });

  test('the leader is killed while a painter paints: the standby gets what it painted, and nothing is painted twice', async () => {
    await expect.poll(() => said).toContain('painting for a bot on another machine');
    bots = await pair(studio);
    const [leader, standby] = bots as [BotProcess, BotProcess];
    const { discord, alice, bob } = studio;
    const channel = studio.channel('elsewhere');
    const asked = await leader.inTheMiddle(
      async () => {
        const { message: long } = await discord
          .as(alice)
          .run(channel, 'imagine', { prompt: 'a castle', steps: 80, count: 2 });
        const { message: short } = await discord
          .as(bob)
          .run(channel, 'imagine', { prompt: 'a fox', steps: 2, count: 1 });
        await discord.until(() => /step \d+ of/.test(long.content));
        leader.kill('SIGKILL');
        return [long, short];
      },
      () => said,
    );
    await standby.isLeader();
    for (const message of asked) await studio.finished(message, 120_000);
    expect(studio.results(channel)).toHaveLength(2);
    // The long one was begun once: each time is a line.
    expect(said.match(/a job was not painted to its end/g)).toBeNull();
    expect((await standby.ask('/metrics'))!.text).toMatch(/^easel_painter_jobs_total\{painter=".+"\} 2$/m);
  });
});
