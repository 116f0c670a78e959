import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as commands from '../../../commands/table.js';
import { startBot } from '../../../src/bot/bot.js';
import { createLogger } from '../../../src/bot/ops/log.js';
import { loadConfig } from '../../../src/config.js';
import type { Channel } from '../../../src/discord/things.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import type { Server } from '../servers.js';
import { QUICK, Studio } from './harness.js';

// The store exists but does not answer.

const AWAY = 'My database is not responding, so I cannot take requests. Try again in a minute.';

describe.skipIf(!postgresPrograms)('while a table of PostgreSQL is locked', () => {
  let postgres: Server;
  let studio: Studio;
  let channel: Channel;
  let other: pg.Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    studio = await Studio.start({ DATABASE_URL: postgres.url, USER_QUEUE: '100' });
    channel = studio.channel('locked');
    other = new pg.Client(postgres.url);
    await other.connect();
  });
  afterAll(async () => {
    await other?.end();
    await studio?.stop();
    await postgres?.stop();
  });

  test.each(['easel_settings', 'easel_limits', 'easel_results', 'easel_jobs'])(
    '%s: everybody is answered in time, with a sentence; and then it goes on',
    async (table) => {
      const { discord, alice, bob } = studio;
      await other.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      const asked = Array.from({ length: 15 }, (_, k) =>
        discord.as(k % 2 ? alice : bob).run(channel, 'imagine', { prompt: `a fox ${k}`, ...QUICK }),
      );
      const answers = await Promise.all(asked);
      expect(answers.map(({ message }) => message.content)).toEqual(answers.map(() => AWAY));
      if (table === 'easel_settings') {
        expect((await discord.as(alice).run(channel, 'settings show')).message.content).toBe(AWAY);
      }
      await other.query('ROLLBACK');
      expect(studio.isResult(await studio.imagine(alice, channel))).toBe(true);
    },
  );

  test('a start is refused with a sentence', async () => {
    await other.query('BEGIN; LOCK TABLE easel_jobs IN ACCESS EXCLUSIVE MODE');
    const config = loadConfig(studio.environment);
    await expect(startBot(config, createLogger({ ...config, logLevel: 'silent' }), commands)).rejects.toThrow(
      /^The store \(postgres at .*\) cannot be opened: .*lock timeout.* Check DATABASE_URL/,
    );
    await other.query('ROLLBACK');
  });
});
