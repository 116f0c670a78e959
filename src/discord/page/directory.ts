import type { APIApplicationCommand, APIUser } from 'discord-api-types/v10';
import { mayUse } from '../command-access.js';
import type { PageApplication, PageChannel, PageGuild, PageReady } from '../page-protocol.js';
import { labelOf } from './command-options.js';
import { Permission } from './numbers.js';
import { type Place, placeOf } from './place.js';

/**
 * The servers, channels, people and apps that the account sees, the window's current place, and the account's
 * permissions there.
 */
export class Directory extends EventTarget {
  ready: PageReady | null = null;
  place: Place = placeOf(location.pathname);

  get guild(): PageGuild | undefined {
    return this.ready?.guilds.find(({ id }) => id === this.place.guild);
  }

  get channel(): PageChannel | undefined {
    return this.channelOf(this.place.channel);
  }

  /**
   * Everything that messages can name: the account, people, roles, channels and commands. Compared by identity to see
   * whether any has changed.
   */
  get named(): readonly unknown[] {
    const { me, guilds, directMessages, applications } = this.ready ?? {};
    return [me, guilds, directMessages, applications, this.place.guild];
  }

  /** The language of the account's client. */
  get locale(): string {
    return this.ready?.me.locale ?? 'en-US';
  }

  channelOf(id: string | null): PageChannel | undefined {
    const all = [
      ...(this.ready?.guilds.flatMap(({ channels }) => channels) ?? []),
      ...(this.ready?.directMessages ?? []),
    ];
    return all.find((channel) => channel.id === id);
  }

  guildOf(channel: PageChannel | undefined): PageGuild | undefined {
    return this.ready?.guilds.find(({ id }) => id === channel?.guild_id);
  }

  userOf(id: string): APIUser | undefined {
    const members = this.ready?.guilds.flatMap((guild) => guild.members.map(({ user }) => user)) ?? [];
    const others = this.ready?.directMessages.flatMap(({ recipient }) => recipient ?? []) ?? [];
    return [this.ready?.me.user, ...members, ...others].find((user) => user?.id === id);
  }

  applicationOf(botOrApplication: string): PageApplication | undefined {
    return this.ready?.applications.find(({ id, bot }) => id === botOrApplication || bot.id === botOrApplication);
  }

  isOnline({ id, bot }: APIUser): boolean {
    return bot ? (this.applicationOf(id)?.online ?? false) : (this.ready?.online.includes(id) ?? false);
  }

  may(permission: bigint, channel = this.channel): boolean {
    const mine = BigInt(channel?.permissions ?? 0);
    return (mine & Permission.Administrator) !== 0n || (mine & permission) === permission;
  }

  /** The commands that the account may use in the channel, with their application. */
  commandsIn(channel: PageChannel, type: number): { application: PageApplication; command: APIApplicationCommand }[] {
    return (this.ready?.applications ?? []).flatMap((application) =>
      application.commands
        .filter((command) => command.type === type && this.#mayUse(application, command, channel))
        .map((command) => ({ application, command })),
    );
  }

  /** A command's name in the account's language. @param name may have a subcommand after a space. */
  labelOf(name: string): string {
    return labelOf(this.ready?.applications.flatMap(({ commands }) => commands) ?? [], name, this.locale);
  }

  #mayUse(application: PageApplication, command: APIApplicationCommand, channel: PageChannel): boolean {
    return mayUse(command, {
      guildId: channel.guild_id,
      nsfw: channel.nsfw,
      permissions: BigInt(channel.permissions),
      withApp: channel.recipient?.id === application.bot.id,
      added: channel.guild_id !== null && application.guild_ids.includes(channel.guild_id),
      installed: application.installed,
    });
  }
}
