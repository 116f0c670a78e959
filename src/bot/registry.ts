import { createHash } from 'node:crypto';
import { type Client, Routes } from 'discord.js';
import type Keyv from 'keyv';
import { chatCommands, messageCommands } from '../../commands/table.js';
import type { App } from './app.js';

/**
 * Tells Discord of the commands, only when they changed since the last time: registering costs a daily allowance. In
 * development to one guild, where they appear at once; otherwise everywhere.
 *
 * @returns whether there was anything to tell.
 */
export async function registerCommands(
  app: Pick<App, 'models' | 'config'>,
  client: Client<true>,
  store: Keyv,
): Promise<boolean> {
  const commands = [
    ...[...chatCommands.values()].map((command) => command.data(app)),
    ...[...messageCommands.values()].map((command) => command.data()),
  ];
  const { guildId } = app.config;
  const id = client.application.id;
  const hash = createHash('sha256').update(JSON.stringify(commands)).digest('hex');
  const key = `commands:${app.config.discordApiUrl ?? ''}:${id}:${guildId ?? 'global'}`;
  if ((await store.get(key)) === hash) return false;
  const route = guildId ? Routes.applicationGuildCommands(id, guildId) : Routes.applicationCommands(id);
  await client.rest.put(route, { body: commands });
  await store.set(key, hash);
  return true;
}
