import { DiscordAPIError } from 'discord.js';
import pino from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { ModerationLog } from '../../../src/bot/moderation/log.js';
import { DEFAULTS } from '../../../src/bot/rules/settings.js';
import { aJob } from '../request.js';

afterEach(() => {
  vi.useRealTimers();
});

test('of a server that has removed the bot nothing is sent, and nothing waits', async () => {
  vi.useFakeTimers();
  const refused = new DiscordAPIError({ code: 50_001, message: 'Missing Access' }, 50_001, 403, 'GET', '', {});
  const fetch = vi.fn().mockRejectedValue(refused);
  const of = vi.fn().mockResolvedValue({ ...DEFAULTS, logChannel: '9' });
  const client = { guilds: { cache: new Map() }, channels: { cache: new Map(), fetch } };
  const needs = { client, settings: { of }, results: { get: async () => null }, log: pino({ level: 'silent' }) };
  const log = new ModerationLog(needs as never);
  // Members may have installed the bot for themselves.
  log.asked(aJob({ guildId: '3', userInstalled: true }));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(of).toHaveBeenCalledTimes(1);
  expect(fetch).not.toHaveBeenCalled();
  await log.close();
});
