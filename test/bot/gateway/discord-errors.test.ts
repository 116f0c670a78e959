import { DiscordAPIError, HTTPError } from 'discord.js';
import { expect, test } from 'vitest';
import { type Verdict, verdict } from '../../../src/bot/gateway/discord-errors.js';

function answered(code: number, status: number): DiscordAPIError {
  return new DiscordAPIError({ code, message: '' }, code, status, 'POST', '/channels/1/messages', {});
}

// Codes of the documentation's "JSON Error Codes".
test.each<[string, number, number, Verdict]>([
  ['a message that was deleted', 10008, 404, 'gone'],
  ['a channel that was deleted', 10003, 404, 'gone'],
  ['an answer that came too late', 10062, 404, 'gone'],
  ['a token after 15 minutes', 50027, 401, 'gone'],
  ['a channel that the bot does not see', 50001, 403, 'closed'],
  ['a right that was taken away', 50013, 403, 'closed'],
  ['a user who closed their direct messages', 50007, 403, 'closed'],
  ['a user who left every server that the bot is in', 50278, 403, 'closed'],
  ['a user to whom the picture is too explicit', 20009, 400, 'closed'],
  ['a locked thread', 160005, 400, 'closed'],
  ['a locked thread in the archive', 50083, 400, 'closed'],
  ['words that the server blocks', 200000, 400, 'closed'],
  ['a code that is not known yet', 987654, 400, 'closed'],
  ['a form that is wrong', 50035, 400, 'wrong'],
  ['a file that is too large', 40005, 413, 'wrong'],
  ['slow mode', 20016, 400, 'retry'],
  ['messages switched off for now', 40004, 403, 'retry'],
  ['a token that was reset', 0, 401, 'retry'],
  ['an old message that was edited often', 30046, 429, 'retry'],
  ['an overloaded resource', 130000, 503, 'retry'],
])('%s (%i)', (_, code, status, expected) => {
  expect(verdict(answered(code, status))).toBe(expected);
});

test.each([
  ['a bad gateway', new HTTPError(502, 'Bad Gateway', 'POST', '/channels/1/messages', {})],
  ['a connection that closed', Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })],
  ['a page in the place of an answer', new DiscordAPIError({} as never, undefined as never, 403, 'POST', '/', {})],
])('%s may go well the next time', (_, error) => {
  expect(verdict(error)).toBe('retry');
});
