import { InteractionContextType as Context } from 'discord.js';
import { expect, test } from 'vitest';
import { chatCommands } from '../../../commands/table.js';
import { choices, IN_SERVERS, messageCommand, slashCommand } from '../../../src/bot/gateway/command-data.js';
import { loadConfig } from '../../../src/config.js';

test('a choice is read in the language of the reader and sent as one value', () => {
  expect(choices('aspect', ['tall', 'square'], (value) => ({ ratio: value === 'tall' ? '9:16' : '' }))).toEqual([
    {
      name: 'Tall 9:16',
      value: 'tall',
      name_localizations: {
        de: 'Hoch 9:16',
        'es-ES': 'Alto 9:16',
        'es-419': 'Alto 9:16',
        fr: 'Vertical 9:16',
        ja: '縦 9:16',
      },
    },
    expect.objectContaining({ value: 'square' }),
  ]);
});

test('a command is offered everywhere, or only in servers', () => {
  expect(slashCommand('emoji').toJSON().contexts).toContain(Context.BotDM);
  expect(slashCommand('emoji', IN_SERVERS).toJSON().contexts).toEqual([Context.Guild]);
  expect(messageCommand('emojiMenu', IN_SERVERS).toJSON().contexts).toEqual([Context.Guild]);
});

test.each(['emoji', 'styles', 'settings'])('/%s is for servers', (name) => {
  const config = loadConfig({ DISCORD_TOKEN: 'MTIz.abc-DEF.xyz_789' });
  expect(chatCommands.get(name)!.data({ config, models: new Map(), controls: [], upscalers: [] })).toMatchObject({
    contexts: [Context.Guild],
  });
});
