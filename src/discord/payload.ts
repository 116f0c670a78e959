import { ChannelType } from 'discord-api-types/v10';
import { resolveComponents, resolveEmbed } from './media.js';
import { permissionsIn } from './permissions.js';
import type { Channel, Guild, Member, Message, StoredAttachment, User } from './things.js';
import type { World } from './world.js';

/** The world's data in the API's form (documentation, "Resources"). */
export class Payloads {
  /** @param sign a file's address on the CDN, valid for a day. */
  constructor(
    private readonly world: World,
    private readonly sign: (channelId: string, attachmentId: string, filename: string) => string,
  ) {}

  user({ id, username, globalName, bot }: User) {
    return {
      id,
      username,
      discriminator: '0',
      global_name: globalName,
      avatar: null,
      bot,
      public_flags: 0,
      flags: 0,
      primary_guild: null,
    };
  }

  member(guild: Guild, { userId, roles, joinedAt }: Member) {
    return {
      user: this.user(this.world.user(userId)),
      nick: null,
      avatar: null,
      banner: null,
      roles,
      joined_at: joinedAt,
      premium_since: null,
      deaf: false,
      mute: false,
      flags: 0,
      pending: false,
      communication_disabled_until: null,
      guild_id: guild.id,
    };
  }

  role(guild: Guild, id: string) {
    const role = guild.roles.get(id)!;
    return {
      id,
      name: role.name,
      color: role.color,
      colors: { primary_color: role.color, secondary_color: null, tertiary_color: null },
      hoist: false,
      icon: null,
      unicode_emoji: null,
      position: id === guild.id ? 0 : 1,
      permissions: role.permissions.toString(),
      managed: false,
      mentionable: false,
      flags: 0,
    };
  }

  emoji({ emojis }: Pick<Guild, 'emojis'>, id: string) {
    const { name, animated, userId } = emojis.get(id)!;
    const user = this.user(this.world.user(userId));
    return { id, name, roles: [], user, require_colons: true, managed: false, animated, available: true };
  }

  sticker(guild: Guild, id: string) {
    const { name, tags, description, format, userId } = guild.stickers.get(id)!;
    const user = this.user(this.world.user(userId));
    return { id, name, description, tags, type: 2, format_type: format, available: true, guild_id: guild.id, user };
  }

  channel(channel: Channel) {
    const last = [...(this.world.messages.get(channel.id)?.keys() ?? [])].at(-1) ?? null;
    const base = { id: channel.id, last_message_id: last, flags: 0 };
    if (!channel.guildId) {
      const recipients = channel.recipients.map((id) => this.world.user(id)).filter(({ bot }) => !bot);
      return { ...base, type: ChannelType.DM, recipients: recipients.map((user) => this.user(user)) };
    }
    return {
      ...base,
      type: channel.thread ? ChannelType.PublicThread : ChannelType.GuildText,
      guild_id: channel.guildId,
      name: channel.name,
      nsfw: channel.nsfw,
      topic: channel.topic,
      parent_id: channel.parentId,
      position: 0,
      rate_limit_per_user: 0,
      permission_overwrites: channel.overwrites.map(({ id, type, allow, deny }) => ({
        id,
        type,
        allow: allow.toString(),
        deny: deny.toString(),
      })),
      ...(channel.thread && {
        thread_metadata: {
          archived: false,
          auto_archive_duration: 1440,
          archive_timestamp: this.world.timestamp(),
          locked: false,
        },
        owner_id: this.world.guild(channel.guildId).ownerId,
        message_count: 0,
        total_message_sent: 0,
        member_count: 0,
      }),
    };
  }

  /** The channel as in interactions, with the user's permissions there. */
  partialChannel(channel: Channel, userId: string) {
    return { ...this.channel(channel), permissions: permissionsIn(this.world, channel, userId).toString() };
  }

  /** A guild as in GUILD_UPDATE, without the fields that only GUILD_CREATE has. */
  guildUpdate(guild: Guild) {
    return {
      id: guild.id,
      name: guild.name,
      icon: null,
      splash: null,
      discovery_splash: null,
      owner_id: guild.ownerId,
      afk_channel_id: null,
      afk_timeout: 300,
      verification_level: 0,
      default_message_notifications: 1,
      explicit_content_filter: 0,
      home_header: null,
      region: 'deprecated',
      widget_enabled: false,
      widget_channel_id: null,
      max_presences: null,
      max_members: 25_000_000,
      max_stage_video_channel_users: 50,
      max_video_channel_users: 25,
      incidents_data: null,
      nsfw: false,
      roles: [...guild.roles.keys()].map((id) => this.role(guild, id)),
      emojis: [...guild.emojis.keys()].map((id) => this.emoji(guild, id)),
      stickers: [...guild.stickers.keys()].map((id) => this.sticker(guild, id)),
      features: [],
      mfa_level: 0,
      application_id: null,
      system_channel_id: null,
      system_channel_flags: 0,
      rules_channel_id: null,
      vanity_url_code: null,
      description: null,
      banner: null,
      premium_tier: 0,
      premium_subscription_count: 0,
      preferred_locale: guild.locale,
      public_updates_channel_id: null,
      nsfw_level: 0,
      premium_progress_bar_enabled: false,
      safety_alerts_channel_id: null,
    };
  }

  guild(guild: Guild) {
    const channels = [...this.world.channels.values()].filter(({ guildId }) => guildId === guild.id);
    return {
      ...this.guildUpdate(guild),
      joined_at: this.world.timestamp(),
      large: false,
      unavailable: false,
      member_count: guild.members.size,
      voice_states: [],
      members: [...guild.members.values()].map((member) => this.member(guild, member)),
      channels: channels.filter(({ thread }) => !thread).map((channel) => this.channel(channel)),
      threads: channels.filter(({ thread }) => thread).map((channel) => this.channel(channel)),
      presences: [],
      stage_instances: [],
      guild_scheduled_events: [],
      soundboard_sounds: [],
    };
  }

  attachment(channelId: string, attachment: StoredAttachment) {
    const url = this.sign(channelId, attachment.id, attachment.filename);
    return { ...attachment, url, proxy_url: url };
  }

  /** @param readerId the user whose own reactions are marked. */
  message({ attachments, reacted, onlyFor: _, ...message }: Message, readerId: string) {
    const reactions = [...reacted].map(([key, users]) => {
      const [name, id = null] = key.split(':');
      return {
        emoji: { id, name },
        count: users.length,
        count_details: { burst: 0, normal: users.length },
        burst_colors: [],
        me: users.includes(readerId),
        me_burst: false,
      };
    });
    const shown = attachments.map((attachment) => this.attachment(message.channel_id, attachment));
    const embeds = message.embeds.map((embed) => resolveEmbed(embed, shown));
    const components = message.components && resolveComponents(message.components, shown);
    return { ...message, embeds, components, attachments: shown, ...(reactions.length > 0 && { reactions }) };
  }
}
