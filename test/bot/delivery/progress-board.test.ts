import { EventEmitter } from 'node:events';
import pino from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { ProgressBoard } from '../../../src/bot/delivery/progress-board.js';
import { DiscordClock } from '../../../src/bot/gateway/discord-clock.js';
import { aJob } from '../request.js';

afterEach(() => {
  vi.useRealTimers();
});

test('a message that nothing was shown in for a while is kept up to date after the clock was put back', async () => {
  vi.useFakeTimers();
  const events = new EventEmitter<{ moved: [] }>();
  let position = 3;
  const jobs = {
    has: () => true,
    ticket: () => ({ position, secondsLeft: null }),
    onProgress: () => {},
    onMoved: (listener: () => void) => events.on('moved', listener),
  };
  const shown: string[] = [];
  const patch = async (_: string, { body }: { body: { content: string } }) => {
    shown.push(body.content);
    return { id: '5', channel_id: '2' };
  };
  const client = { rest: { patch }, channels: { cache: new Map() }, options: {} };
  const log = pino({ level: 'silent' });
  const needs = { client, jobs, log, clock: new DiscordClock(), hidesPreviews: () => true };
  const board = new ProgressBoard(needs as never);
  board.follow(aJob());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(shown.length).toBe(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  position = 2;
  events.emit('moved');
  await vi.advanceTimersByTimeAsync(5000);
  expect(shown.length).toBe(2);
  await board.stop();
});
