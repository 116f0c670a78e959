import { setTimeout as sleep } from 'node:timers/promises';
import { DiscordAPIError, HTTPError, type REST, Routes } from 'discord.js';
import type { Logger } from 'pino';
import { z } from 'zod';

/** Milliseconds before the next attempt: doubled each time, up to the longest. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;

/** Why there is no connection now and, if known, after how many milliseconds there may be one. */
interface Closed {
  readonly why: string;
  readonly after?: number;
}

/** Documentation, "Get Gateway Bot" and "Session Start Limit Object". */
const gatewayBot = z.object({
  shards: z.number(),
  session_start_limit: z.object({ total: z.number(), remaining: z.number(), reset_after: z.number() }),
});

/**
 * Connects as soon as the network is up, Discord has a gateway and lets this application start as many sessions as it
 * needs: when a machine boots, programs often start before the network.
 *
 * @param rest with the token.
 * @param connect asks for the gateway too, and may be called again if it failed.
 * @throws what Discord has against the token, and errors that are neither the network's nor Discord's.
 */
export async function connectWhenOpen(rest: REST, connect: () => Promise<void>, log: Logger): Promise<void> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    const closed = await attempt(rest, connect);
    if (!closed) return;
    const time = Math.min(closed.after ?? wait, LONGEST_WAIT);
    log.warn({ wait: time }, `${closed.why} Trying again in ${Math.ceil(time / 1000)} s.`);
    await sleep(time);
  }
}

async function attempt(rest: REST, connect: () => Promise<void>): Promise<Closed | null> {
  try {
    const { success, data } = gatewayBot.safeParse(await rest.get(Routes.gatewayBot()));
    if (!success) return { why: SOMEBODY_ELSE };
    const { total, remaining, reset_after: after } = data.session_start_limit;
    if (remaining >= data.shards) {
      await connect();
      return null;
    }
    const minutes = Math.ceil(after / 60_000);
    const why = `The bot has connected ${total - remaining} times since yesterday, and Discord allows ${total}: it can connect again in ${minutes} minutes. Is something restarting it over and over?`;
    return { why, after };
  } catch (error) {
    const why = trouble(error);
    if (why === null) throw error;
    return { why };
  }
}

/** The page of a proxy, a hotel's Wi-Fi or another program. */
const SOMEBODY_ELSE = 'The answer did not come from Discord. Check the network, a proxy, and DISCORD_API_URL.';

/** Node's codes for programming errors. */
const DEFECTS = /^(ERR|UND_ERR)_(INVALID|MISSING|OUT_OF_RANGE)/;

/** @returns a description of a temporary error; null for others. */
function trouble(error: unknown): string | null {
  if (error instanceof HTTPError) return `Discord is in trouble (it answers ${error.status}; see discordstatus.com).`;
  // Discord's own errors have a code; 401 is about the token.
  if (error instanceof DiscordAPIError) return error.status === 401 || error.code ? null : SOMEBODY_ELSE;
  if (!(error instanceof Error)) return null;
  if (error.name === 'AbortError') return 'Discord does not answer.';
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET') return 'Discord closes the connection before it answers.';
  const ofNetwork = syscall !== undefined || /^(E[A-Z]+$|CERT_|.*_CERT|(ERR|UND_ERR)_|HPE_)/.test(code ?? '');
  if (!ofNetwork || DEFECTS.test(code ?? '')) return null;
  return `Discord cannot be reached (${code}). Check the network, a proxy, and DISCORD_API_URL.`;
}
