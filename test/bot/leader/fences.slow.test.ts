import { Routes } from 'discord.js';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createClient } from '../../../src/bot/gateway/client.js';
import { DiscordClock } from '../../../src/bot/gateway/discord-clock.js';
import { Leader, NotLeading } from '../../../src/bot/leader/leader.js';
import { leaseOn } from '../../../src/bot/leader/lease-on.js';
import { Store } from '../../../src/bot/storage/store.js';
import { DrivenDiscord } from '../../discord/drive/driven-discord.js';
import { furnish } from '../../discord/furnish.js';
import { hasCommand, startRedis } from '../servers.js';

const TIMES = { lease: 500, renew: 100, look: 50 };

test.skipIf(!hasCommand('redis-server'))(
  'a leader that was frozen says nothing to Discord and writes nothing, before it has asked anybody; then it goes on if nobody led',
  async () => {
    const server = await startRedis();
    const discord = await DrivenDiscord.start();
    const { application } = furnish(discord);
    const store = await Store.open({ databaseUrl: server.url });
    const { backend, where } = store;
    const holder = { host: 'a', pid: 1, id: 'a', folder: 'f' };
    const log = pino({ level: 'silent' });
    const leader = await Leader.wait({ lease: leaseOn(backend), holder, where, log, times: TIMES });
    store.fence = leader.assert;
    const client = createClient({ discordApiUrl: discord.apiUrl }, new DiscordClock(), leader.assert);
    client.rest.setToken(application.token);
    const write = () => store.namespace('meta').set('a', 'b');
    const say = () => client.rest.get(Routes.user());
    await Promise.all([write(), say()]);
    await expect.poll(() => leader.leads).toBe(true);

    // As SIGSTOP does: nothing in this process happens.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * TIMES.lease);
    expect(leader.leads).toBe(false);
    const [written, said] = await Promise.allSettled([write(), say()]);
    expect([written.status, said.status]).toEqual(['rejected', 'rejected']);
    expect((written as PromiseRejectedResult).reason.cause).toBeInstanceOf(NotLeading);
    expect((said as PromiseRejectedResult).reason).toBeInstanceOf(NotLeading);

    await expect.poll(() => leader.leads).toBe(true);
    await Promise.all([write(), say()]);
    await leader.release();
    await expect(write()).rejects.toThrow('Another bot may lead now');
    await client.destroy();
    await store.close();
    await discord.stop();
    await server.stop();
  },
);
