import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Server } from '../servers.js';
import { type BotProcess, pair } from './bot-process.js';
import { Studio } from './harness.js';

export const LONG = { prompt: 'a castle', steps: 150, count: 2 };
export const SHORT = { prompt: 'a fox', steps: 2, count: 1 };

/**
 * Real bots with one store and one DATA_DIR, of which one leads. To be called in a `describe`: the store and the studio are
 * there for all its tests, the bots for one.
 */
export function twoBots(startStore: () => Promise<Server>) {
  let store: Server;
  let studio: Studio;
  const bots: BotProcess[] = [];
  beforeAll(async () => {
    store = await startStore();
    studio = await Studio.withoutBot({ DATABASE_URL: store.url, STANDBY: 'on', USER_QUEUE: '100' });
  });
  afterEach(async () => {
    for (const bot of bots.splice(0)) await bot.stop();
  });
  afterAll(async () => {
    await studio?.stop();
    await store?.stop();
  });
  return {
    get store() {
      return store;
    },
    get studio() {
      return studio;
    },
    /** They are stopped after the test. */
    bots,
    /** @param env of the one that leads. @returns the one that leads, and the one that waits. */
    async started(env: Record<string, string> = {}): Promise<[BotProcess, BotProcess]> {
      const both = await pair(studio, env);
      bots.push(...both);
      return both;
    },
  };
}

export async function within<T>(milliseconds: number, act: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const done = await act();
  expect(performance.now() - began).toBeLessThan(milliseconds);
  return done;
}
