import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/engine/package-root.js';
import { Studio } from './harness.js';

// The bot as a process of its own over a thousand jobs, as the unit and the image start it.

const JOBS = 1000;
/** Jobs until everything has been used: code is compiled, caches are full. */
const WARM = 300;
const MEMBERS = 50;
const MIB = 2 ** 20;

let studio: Studio;
let bot: ChildProcess;
beforeAll(async () => {
  const most = String(2 * JOBS);
  studio = await Studio.withoutBot({ USER_PER_HOUR: most, GUILD_PER_HOUR: most });
  const { PATH, HOME } = process.env;
  bot = spawn(process.execPath, [join(packageRoot, 'dist/src/main.js')], {
    env: { PATH, HOME, MALLOC_ARENA_MAX: '2', ...studio.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await studio.discord.until(() => (studio.application.commands.get('')?.length ?? 0) > 0, 120_000);
});
afterAll(async () => {
  const ended = new Promise((resolve) => bot.once('exit', resolve));
  bot.kill();
  await ended;
  await studio.stop();
});

const resident = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${bot.pid}/status`, 'utf8'))![1]) * 1024;

test.runIf(process.platform === 'linux')(
  `${JOBS} jobs leave the bot as large as ${WARM} did`,
  async () => {
    const { discord, guild } = studio;
    const members = Array.from({ length: MEMBERS }, (_, k) => discord.createUser(`member${k}`));
    for (const member of members) discord.join(guild, member);
    const sizes: number[] = [];
    for (let k = 0; k < JOBS; k++) {
      const channel = studio.general;
      const values = { prompt: `a red apple ${k}`, steps: 1, count: 1 };
      const { message } = await discord.as(members[k % MEMBERS]!).run(channel, 'imagine', values);
      await studio.finished(message, 60_000);
      if ((k + 1) % 100 === 0) {
        sizes.push(resident());
        console.log(`${k + 1} jobs: ${Math.round(resident() / MIB)} MiB`);
      }
    }
    const before = Math.max(...sizes.slice(0, WARM / 100));
    expect(sizes.at(-1)! - before).toBeLessThan(25 * MIB);
  },
  3_600_000,
);
