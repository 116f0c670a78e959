import { setTimeout as sleep } from 'node:timers/promises';
import { HTTPError, type REST, type RESTGetAPIGatewayBotResult, Routes } from 'discord.js';
import type { Logger } from 'pino';

/** Milliseconds between questions: doubled each time, up to the longest. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;

/**
 * Resolves when Discord has a gateway to connect to, and lets this application start as many sessions as it needs: it
 * may start a thousand a day (documentation, "Session Start Limit Object").
 *
 * @param rest with the token.
 * @throws what Discord has against the token, and the network's own errors.
 */
export async function gatewayIsOpen(rest: REST, log: Logger): Promise<void> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    const closed = await whyNot(rest);
    if (!closed) return;
    const time = closed.after === null ? wait : Math.min(closed.after, LONGEST_WAIT);
    log.warn({ wait: time }, `${closed.why} Trying again in ${Math.ceil(time / 1000)} s.`);
    await sleep(time);
  }
}

/** @returns why there is none now, and after how many milliseconds there is one, where that is known. */
async function whyNot(rest: REST): Promise<{ why: string; after: number | null } | null> {
  try {
    const { shards, session_start_limit } = (await rest.get(Routes.gatewayBot())) as RESTGetAPIGatewayBotResult;
    const { total, remaining, reset_after } = session_start_limit;
    if (remaining >= shards) return null;
    const minutes = Math.ceil(reset_after / 60_000);
    const why = `The bot has connected ${total - remaining} times since yesterday, and Discord allows ${total}: it may again in ${minutes} minutes. Something keeps restarting it?`;
    return { why, after: reset_after };
  } catch (error) {
    if (error instanceof HTTPError) {
      return { why: `Discord is in trouble (it answers ${error.status}; see discordstatus.com).`, after: null };
    }
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    return { why: 'Discord closes the connection before it answers.', after: null };
  }
}
