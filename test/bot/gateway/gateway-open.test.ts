import { DefaultRestOptions, type DiscordAPIError, REST } from 'discord.js';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { connectWhenOpen } from '../../../src/bot/gateway/gateway-open.js';

const OPEN = { url: 'wss://gateway', shards: 1, session_start_limit: { total: 1000, remaining: 999, reset_after: 0 } };

function failing(code: string, syscall?: string): () => never {
  return () => {
    throw Object.assign(new Error(`${syscall ?? ''} ${code}`), { code, syscall });
  };
}

/** Discord, as far as the network is up: each request gets the next answer, and the last answer repeats. */
function rest(...answers: (() => Response | Promise<Response>)[]): REST {
  const makeRequest = async () => (answers.length > 1 ? answers.shift()! : answers[0]!)();
  return new REST({ makeRequest }).setToken('token');
}

async function connected(...answers: (() => Response | Promise<Response>)[]) {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  let connections = 0;
  await connectWhenOpen(rest(...answers), async () => void connections++, log);
  return { lines, connections };
}

const open = () => Response.json(OPEN);

describe.concurrent('temporary errors are waited out', () => {
  test.each([
    ['ENOTFOUND', 'getaddrinfo'],
    ['EAI_AGAIN', 'getaddrinfo'],
    ['ECONNREFUSED', 'connect'],
    ['ENETUNREACH', 'connect'],
    ['EHOSTUNREACH', 'connect'],
    ['ETIMEDOUT', 'connect'],
    ['ECONNREFUSED', undefined],
    ['UND_ERR_CONNECT_TIMEOUT', undefined],
    ['UND_ERR_HEADERS_TIMEOUT', undefined],
    // The clock of a machine without a battery, before it has asked for the time.
    ['CERT_NOT_YET_VALID', undefined],
    ['SELF_SIGNED_CERT_IN_CHAIN', undefined],
    ['ERR_TLS_CERT_ALTNAME_INVALID', undefined],
    ['ERR_SSL_WRONG_VERSION_NUMBER', undefined],
  ])('%s of %s', async (code, syscall) => {
    expect(await connected(failing(code, syscall), open)).toEqual({
      lines: [
        `Discord cannot be reached (${code}). Check the network, a proxy, and DISCORD_API_URL. Trying again in 1 s.`,
      ],
      connections: 1,
    });
  });

  test.each([
    ['a page of a hotel', () => new Response('<h1>Welcome</h1>', { headers: { 'content-type': 'text/html' } })],
    ['another program', () => Response.json({ hello: 'world' })],
    ['a page that is not there', () => new Response('Not found', { status: 404 })],
    ['a proxy that wants a password', () => new Response('<h1>Proxy</h1>', { status: 407 })],
    ['a firewall', () => new Response('<h1>Blocked</h1>', { status: 403 })],
  ])('%s answers in place of Discord', async (_, page) => {
    expect(await connected(page, open)).toEqual({
      lines: [
        'The answer did not come from Discord. Check the network, a proxy, and DISCORD_API_URL. Trying again in 1 s.',
      ],
      connections: 1,
    });
  });
});

test('the network is lost between the first question and the connection: it asks again', async () => {
  let connections = 0;
  const log = pino({ level: 'silent' });
  const connect = async () => {
    if (connections++ === 0) failing('ENOTFOUND', 'getaddrinfo')();
  };
  await connectWhenOpen(rest(open), connect, log);
  expect(connections).toBe(2);
});

test('a refused token is not waited out', async () => {
  const refused = () => Response.json({ message: '401: Unauthorized', code: 0 }, { status: 401 });
  await expect(connected(refused)).rejects.toMatchObject({ status: 401 } satisfies Partial<DiscordAPIError>);
});

test('a programming error is not waited out', async () => {
  await expect(connected(failing('ERR_INVALID_ARG_TYPE'))).rejects.toThrow('ERR_INVALID_ARG_TYPE');
});

test('the errors are those of the real client', async () => {
  const url = 'http://127.0.0.1:1/api';
  const log = pino({ level: 'silent' });
  const { makeRequest } = DefaultRestOptions;
  let asked = 0;
  const once: typeof makeRequest = async (at, init) => (asked++ === 0 ? makeRequest(at, init) : open());
  await connectWhenOpen(new REST({ api: url, makeRequest: once }).setToken('token'), async () => {}, log);
  expect(asked).toBe(2);
});
