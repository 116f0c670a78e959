import { type APIStickerItem, MessageFlags, MessageType } from 'discord-api-types/v10';
import sharp from 'sharp';
import { pictureFormat } from '../engine/image/format.js';
import { DiscordError, invalidForm, unknown } from './error.js';
import { checkReferences } from './media.js';
import { mentionsIn } from './mentions.js';
import type { MessageInput, UploadedFile } from './message-input.js';
import type { Payloads } from './payload.js';
import { SELECTS } from './rules/components.js';
import { LIMITS } from './rules/limits.js';
import { checkMessage, checkNotEmpty } from './rules/message.js';
import type { Channel, Message, StoredAttachment } from './things.js';
import type { World } from './world.js';

/** What the route knows about a message beyond the request. */
export interface MessageContext {
  authorId: string;
  onlyFor?: string | null;
  /** Merged into the message: type, interaction_metadata, webhook_id, ... */
  extra?: Partial<Message>;
  /** Most bytes of a file. */
  fileLimit: number;
}

/** Flag of an attachment that is only shown once clicked. */
const SPOILER = 1 << 3;

/** Flags that a sender may set. */
const SETTABLE =
  MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications | MessageFlags.IsComponentsV2 | (1 << 3);

/** Creates, edits and deletes messages by Discord's rules, and publishes the events. */
export class Messages {
  constructor(
    private readonly world: World,
    private readonly payloads: Payloads,
  ) {}

  async create(
    channel: Channel,
    input: MessageInput,
    files: readonly UploadedFile[],
    { authorId, onlyFor = null, extra = {}, fileLimit }: MessageContext,
  ): Promise<Message> {
    checkMessage(input);
    const deferred = extra.flags !== undefined && (extra.flags & MessageFlags.Loading) !== 0;
    if (!deferred) checkNotEmpty(input, files.length);
    const stickers = this.#stickers(channel, input.sticker_ids ?? []);
    checkReferences(input.components ?? [], namesOf(files));
    const attachments = await this.#store(input.attachments, files, [], fileLimit);
    const reference = input.message_reference?.message_id as string | undefined;
    const found = reference ? this.world.messages.get(channel.id)?.get(reference) : undefined;
    // A hidden message cannot be replied to, because the reply would reveal it.
    const repliedTo = found?.onlyFor ? undefined : found;
    if (reference && !repliedTo && input.message_reference.fail_if_not_exists !== false) {
      throw new DiscordError(400, 50035, 'Invalid Form Body', {
        message_reference: { _errors: [{ code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' }] },
      });
    }
    const author = this.world.user(authorId);
    const message = {
      id: this.world.id(),
      channel_id: channel.id,
      author: this.payloads.user(author),
      content: input.content ?? '',
      timestamp: this.world.timestamp(),
      edited_timestamp: null,
      tts: false,
      ...this.#mentions(channel, authorId, input, extra.interaction_metadata !== undefined, repliedTo),
      attachments,
      embeds: input.embeds ?? [],
      components: completed(input.components ?? []),
      pinned: false,
      type: repliedTo ? MessageType.Reply : MessageType.Default,
      ...(stickers.length > 0 && { sticker_items: stickers }),
      ...(input.nonce !== undefined && { nonce: input.nonce }),
      ...(repliedTo && {
        message_reference: {
          type: 0,
          channel_id: channel.id,
          message_id: repliedTo.id,
          ...(channel.guildId && { guild_id: channel.guildId }),
        },
        referenced_message: this.payloads.message(repliedTo, authorId),
      }),
      ...extra,
      flags: ((input.flags ?? 0) & SETTABLE) | (extra.flags ?? 0) | (onlyFor ? MessageFlags.Ephemeral : 0),
      reacted: new Map(),
      onlyFor,
    } as unknown as Message;
    this.world.put('messages', message);
    this.tell('MESSAGE_CREATE', channel, message);
    return message;
  }

  /** Files missing from `attachments` are deleted; fields that are absent stay. */
  async edit(
    channel: Channel,
    message: Message,
    input: MessageInput,
    files: readonly UploadedFile[],
    fileLimit: number,
  ): Promise<Message> {
    const flags = input.flags ?? 0;
    if (message.flags! & MessageFlags.IsComponentsV2 && flags && !(flags & MessageFlags.IsComponentsV2)) {
      throw new DiscordError(400, 50035, 'Invalid Form Body', {
        flags: { _errors: [{ code: 'FLAGS_CANNOT_REMOVE_COMPONENTS_V2', message: 'The flag cannot be removed.' }] },
      });
    }
    // Everything is checked on the result, so that a refused edit changes nothing.
    const changed: Partial<Message> = {};
    for (const name of ['content', 'embeds', 'components'] as const) {
      if (input[name] === undefined) continue;
      const value = input[name] ?? (name === 'content' ? '' : []);
      Object.assign(changed, { [name]: name === 'components' ? completed(value) : value });
    }
    const after = { ...message, ...changed, attachments: input.attachments, flags: message.flags! | flags };
    checkMessage(after);
    if (input.components) {
      const stay = message.attachments.filter(({ id }) => isListed(input.attachments, id));
      checkReferences(input.components, [...namesOf(files), ...stay.map(({ filename }) => filename)]);
    }
    const attachments = await this.#store(input.attachments, files, message.attachments, fileLimit);
    if (this.world.messages.get(channel.id)?.get(message.id) !== message) {
      // If it was deleted while its new files were being stored, it must not come back with them.
      for (const { id } of attachments) this.world.removeFile(id);
      throw unknown.message();
    }
    checkNotEmpty({ ...after, sticker_ids: message.sticker_items?.map(({ id }) => id) ?? [] }, attachments.length);
    Object.assign(message, changed);
    if (input.content !== undefined || input.components !== undefined) {
      const { id } = message.author;
      const said = { ...message, allowed_mentions: input.allowed_mentions };
      Object.assign(message, this.#mentions(channel, id, said, message.interaction_metadata !== undefined));
    }
    for (const { id } of message.attachments) {
      if (!attachments.some((kept) => kept.id === id)) this.world.removeFile(id);
    }
    message.attachments = attachments;
    // This answers a deferred interaction, which does not count as an edit.
    if (message.flags! & MessageFlags.Loading) message.flags! &= ~MessageFlags.Loading;
    else message.edited_timestamp = this.world.timestamp();
    message.flags! |= flags & SETTABLE;
    this.world.put('messages', message);
    this.tell('MESSAGE_UPDATE', channel, message);
    return message;
  }

  remove(channel: Channel, message: Message): void {
    this.world.remove('messages', message);
    this.world.publish({
      name: 'MESSAGE_DELETE',
      data: { id: message.id, channel_id: channel.id, ...(channel.guildId && { guild_id: channel.guildId }) },
      guildId: channel.guildId,
      channelId: channel.id,
      onlyFor: message.onlyFor,
    });
  }

  tell(name: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE', channel: Channel, message: Message): void {
    const { id: authorId } = message.author;
    const shown = this.payloads.message(message, authorId);
    const guild = channel.guildId ? this.world.guild(channel.guildId) : null;
    const member = guild?.members.get(authorId);
    const { user: _, ...withoutUser } = guild && member ? this.payloads.member(guild, member) : { user: null };
    this.world.publish({
      name,
      data: { ...shown, ...(guild && { guild_id: guild.id, ...(member && { member: withoutUser }) }) },
      guildId: channel.guildId,
      channelId: channel.id,
      onlyFor: message.onlyFor,
    });
  }

  /** The fields of a message that say whom it mentions. */
  #mentions(channel: Channel, authorId: string, input: MessageInput, isAnswer: boolean, repliedTo?: Message) {
    const { everyone, users, roles } = mentionsIn(this.world, channel, authorId, input, isAnswer);
    const allowed = input.allowed_mentions;
    const ids = new Set(users);
    if (repliedTo && (allowed ? allowed.replied_user : true)) ids.add(repliedTo.author.id);
    return {
      mention_everyone: everyone,
      mentions: [...ids].map((id) => this.payloads.user(this.world.user(id))),
      mention_roles: roles,
    } as Pick<Message, 'mention_everyone' | 'mentions' | 'mention_roles'>;
  }

  /** Stickers of the channel's own guild; others need Nitro. @throws DiscordError 50081 for any other. */
  #stickers({ guildId }: Channel, ids: readonly string[]): APIStickerItem[] {
    const known = guildId ? this.world.guild(guildId).stickers : undefined;
    return ids.map((id) => {
      const sticker = known?.get(id);
      if (!sticker) throw new DiscordError(400, 50081, 'Invalid sticker sent');
      return { id, name: sticker.name, format_type: sticker.format };
    });
  }

  async #store(
    listed: { id: string | number; description?: string | null; is_spoiler?: boolean }[] | undefined | null,
    files: readonly UploadedFile[],
    existing: readonly StoredAttachment[],
    limit: number,
  ): Promise<StoredAttachment[]> {
    for (const file of files) {
      if (file.bytes.length > limit) throw new DiscordError(413, 40005, 'Request entity too large');
    }
    if (files.reduce((sum, { bytes }) => sum + bytes.length, 0) > LIMITS.request) {
      throw new DiscordError(413, 40005, 'Request entity too large');
    }
    for (const [i, { id }] of (listed ?? []).entries()) {
      const there = files.some(({ n }) => String(n) === String(id)) || existing.some((one) => one.id === String(id));
      if (!there) throw invalidForm(`attachments[${i}].id`, 'MESSAGE_ATTACHMENT_NOT_FOUND', 'There is no such file.');
    }
    const kept = existing.filter(({ id }) => isListed(listed, id));
    if (kept.length + files.length > LIMITS.files)
      throw new DiscordError(400, 30015, 'Maximum number of attachments in a message reached (10)');
    const added = files.map(async (file) => {
      const entry = listed?.find(({ id }) => String(id) === String(file.n));
      const id = await this.world.addFile(file);
      const sides = file.type.startsWith('image/') ? await sidesOf(file.bytes) : {};
      return {
        id,
        filename: file.name,
        size: file.bytes.length,
        content_type: file.type,
        ...sides,
        ...(entry?.description && { description: entry.description }),
        ...((entry?.is_spoiler || file.name.startsWith('SPOILER_')) && { flags: SPOILER, is_spoiler: true }),
      } as StoredAttachment;
    });
    const described = kept.map((attachment) => {
      const { description, is_spoiler } = listed?.find(({ id }) => String(id) === attachment.id) ?? {};
      return {
        ...attachment,
        ...(description !== undefined && { description: description ?? undefined }),
        ...(is_spoiler !== undefined && { is_spoiler, flags: is_spoiler ? SPOILER : 0 }),
      };
    });
    return [...described, ...(await Promise.all(added))];
  }
}

/** Whether an edit keeps a file: without a list, all of them. */
function isListed(listed: readonly { id: string | number }[] | undefined | null, file: string): boolean {
  return !listed || listed.some(({ id }) => String(id) === file);
}

function namesOf(files: readonly UploadedFile[]): string[] {
  return files.map(({ name }) => name);
}

/** Width and height of a picture in pixels; empty for other files. */
export async function sidesOf(bytes: Uint8Array): Promise<{ width?: number; height?: number }> {
  const metadata =
    pictureFormat(bytes) &&
    (await sharp(bytes)
      .metadata()
      .catch(() => null));
  return metadata ? { width: metadata.width, height: metadata.height } : {};
}

interface Sent {
  type: number;
  id?: number;
  components?: Sent[];
  accessory?: Sent;
}

/**
 * Components as the API returns them: those sent without an id get one, counted from 1 through the message
 * (documentation, "Anatomy of a Component"), and select menus get their defaults.
 */
function completed(components: readonly Sent[], count = { last: 0 }): Sent[] {
  return components.map((component) => ({
    ...(SELECTS.includes(component.type) && { min_values: 1, max_values: 1 }),
    ...component,
    id: component.id || ++count.last,
    ...(component.components && { components: completed(component.components, count) }),
    ...(component.accessory && { accessory: completed([component.accessory], count)[0] }),
  }));
}
