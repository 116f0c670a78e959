import { DiscordAPIError } from 'discord.js';
import { expect, test } from 'vitest';
import { isForbidden } from '../../src/bot/discord-errors.js';

// Codes of the documentation's "JSON Error Codes".
test.each([
  ['a user who closed their direct messages', 50007],
  ['a user who left every server that the bot is in', 50278],
  ['a locked thread in the archive', 50083],
])('%s cannot be written to, however often one tries', (_, code) => {
  const error = new DiscordAPIError({ code, message: '' }, code, 403, 'POST', '/channels/1/messages', {});
  expect(isForbidden(error)).toBe(true);
});
