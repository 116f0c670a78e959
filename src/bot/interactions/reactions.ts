import {
  type Client,
  Events,
  type Message,
  MessageFlags,
  type MessageReaction,
  type PartialMessageReaction,
  type PartialUser,
  PermissionFlagsBits,
  type User,
} from 'discord.js';
import { RequestError } from '../../engine/errors.js';
import { isFlagged } from '../delivery/flagged.js';
import { fitted } from '../delivery/texts.js';
import { parseCustomId } from '../gateway/custom-id.js';
import { ifWithinReach, isForbidden, isOutOfReach } from '../gateway/discord-errors.js';
import { ageRestricted, type Place } from '../gateway/place.js';
import { Seen } from '../gateway/seen.js';
import { fileOf, withVeils } from '../gateway/veiled-file.js';
import { type AdmittedNeeds, admittedJob, type EnqueueNeeds, enqueue } from '../intake/enqueue.js';
import { type FetchNeeds, fetchAttachment, isSpoiler } from '../intake/sources.js';
import type { Offer } from '../models/models.js';
import { asOffered } from '../models/replaced.js';
import { isByRules } from '../moderation/entry.js';
import type { ModerationLog } from '../moderation/log.js';
import { FILE_LIMIT } from '../request/bounds.js';
import type { Blocks } from '../rules/blocks.js';
import { checkPlace } from '../rules/place-rules.js';
import type { GuildSettings, Settings } from '../rules/settings.js';
import { type Found, type ResultRecord, withNewSeed } from '../storage/results.js';
import { translateFor } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import { removeResult } from './remove-result.js';

type Needs = AdmittedNeeds &
  Offer &
  EnqueueNeeds &
  FetchNeeds & {
    readonly client: Client<true>;
    readonly settings: GuildSettings;
    readonly blocks: Blocks;
    readonly moderation: ModerationLog;
  };

/** Emojis with a meaning on results, with or without the variation selector for the emoji form. */
export const REACTIONS: Readonly<Record<string, Reaction>> = {
  '🔁': 'again',
  '❤': 'send',
  '🗑': 'remove',
  '⭐': 'favourite',
};

export type Reaction = 'again' | 'remove' | 'send' | 'favourite';

/**
 * Reactions on results, including those from before a restart: 🔁 paints again, 🗑️ deletes, ❤️ sends the result to the
 * member.
 */
export function listenToReactions(needs: Needs): void {
  const seen = new Seen();
  const keyOf = (reaction: MessageReaction | PartialMessageReaction, user: User | PartialUser) =>
    [reaction.message.id, user.id, reaction.emoji.name].join();
  needs.client.on(Events.MessageReactionRemove, (reaction, user) => {
    seen.delete(keyOf(reaction, user));
    if (meaningOf(reaction) !== 'favourite') return;
    void favour(needs, reaction.message.id, user.id, false).catch((err) =>
      needs.log.error({ err }, 'a reaction failed'),
    );
  });
  needs.client.on(Events.MessageReactionAdd, (reaction, user) => {
    if (!seen.add(keyOf(reaction, user))) return;
    void reacted(needs, reaction, user).catch((error) => {
      // There is no interaction to answer, so refusals are silent, like reactions without a meaning.
      if (error instanceof Refusal && isByRules(error)) {
        const { guildId, channelId: channel } = reaction.message;
        needs.moderation.note(guildId, { kind: 'refused', user: user.id, channel, why: error, typed: '' });
      } else if (!(error instanceof Refusal || error instanceof RequestError))
        needs.log.error({ err: error }, 'a reaction failed');
    });
  });
}

async function reacted(
  needs: Needs,
  reaction: MessageReaction | PartialMessageReaction,
  user: User | PartialUser,
): Promise<void> {
  const meaning = meaningOf(reaction);
  if (!meaning || user.id === needs.client.user.id || user.bot) return;
  if (meaning === 'favourite') return favour(needs, reaction.message.id, user.id, true);
  const found = await needs.results.ofMessage(reaction.message.id);
  if (!found) return;
  const { record } = found;
  // Fetched again, because addresses expire.
  const message = await ifWithinReach(reaction.message.fetch());
  if (!message || !isResult(message)) return;
  const place = await placeOf(message, user.id);
  const settings = await needs.settings.of(place.guildId);
  if (meaning !== 'remove' && !(await mayDo(message, user.id, PermissionFlagsBits.ManageGuild))) {
    await needs.blocks.check(place.guildId, user.id);
  }
  checkPlace(settings, place);
  // A reaction does not reveal its author's language.
  const locale = settings.language ?? message.guild?.preferredLocale ?? record.locale ?? 'en-US';
  if (meaning === 'again') return again(needs, record, message, place, settings, locale);
  if (meaning === 'remove') return remove(needs, found, message, user.id);
  return send(needs, record, message, user.id, locale);
}

function meaningOf({ emoji }: MessageReaction | PartialMessageReaction): Reaction | undefined {
  return REACTIONS[(emoji.name ?? '').replace('\ufe0f', '')];
}

/** A member's own result becomes one of their favourites, or no longer; anybody else's star is only a star. */
async function favour({ results }: Needs, messageId: string, userId: string, favourite: boolean): Promise<void> {
  const found = await results.ofMessage(messageId);
  if (found?.record.userId === userId) await results.favour(found.job, favourite);
}

async function again(
  needs: Needs,
  record: ResultRecord,
  message: Message,
  place: Place,
  settings: Settings,
  locale: string,
): Promise<void> {
  const { request, notices } = asOffered(needs, settings, record.request);
  const origin = {
    applicationId: needs.client.application.id,
    channelId: message.channelId,
    guildId: message.guildId,
    userId: place.userId,
    locale,
    ephemeral: false,
    spoiler: message.attachments.some(isSpoiler),
    attachmentSizeLimit: FILE_LIMIT,
    replyTo: message.id,
    userInstalled: false,
  };
  const { job, admission } = await admittedJob(needs, { place, settings, origin }, withNewSeed(request), notices);
  await enqueue(needs, job, admission);
  if (message.channel.isSendable()) await message.channel.sendTyping().catch(() => {});
}

async function remove(needs: Needs, found: Found, message: Message, userId: string): Promise<void> {
  const { userId: author, guildId, channelId: channel, request } = found.record;
  if (author !== userId && !(await mayDo(message, userId, PermissionFlagsBits.ManageMessages))) return;
  try {
    await removeResult(needs, found, () => message.delete());
    needs.moderation.note(guildId, { kind: 'removed', user: author, by: userId, channel, request });
  } catch (error) {
    if (!isOutOfReach(error)) throw error;
  }
}

async function send(
  needs: Needs,
  record: ResultRecord,
  message: Message,
  userId: string,
  locale: string,
): Promise<void> {
  const [file] = [...message.attachments.values()];
  if (!file) return;
  const user = await needs.client.users.fetch(userId);
  const t = translateFor(locale);
  // Direct messages are no place for them, whatever this channel is.
  const kept = isFlagged(record);
  const picture = async () => {
    const bytes = Buffer.from(await fetchAttachment(needs, file));
    return fileOf(bytes, { name: file.name, description: file.description ?? undefined }, isSpoiler(file));
  };
  try {
    const told = {
      content: kept
        ? t('dm.flagged', { link: message.url })
        : fitted(`${t('dm.here')} ${t('dm.from', { link: message.url })}`, [message.content]),
      files: kept ? [] : [await picture()],
      allowedMentions: { parse: [] },
      flags: MessageFlags.SuppressEmbeds,
    } as const;
    await user.send(withVeils(user, told));
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
}

/** While a job waits or is painted, its message has a button to cancel. */
function isResult(message: Message): boolean {
  for (const row of message.components) {
    for (const component of 'components' in row ? row.components : []) {
      const id = 'customId' in component && component.customId ? parseCustomId(component.customId) : null;
      if (id && id.action !== 'cancel') return true;
    }
  }
  return false;
}

async function placeOf(message: Message, userId: string): Promise<Place> {
  const { channel } = message;
  const member = message.inGuild() ? await message.guild.members.fetch(userId) : null;
  const me = message.inGuild() ? await message.guild.members.fetchMe() : null;
  const appPermissions =
    me && 'guild' in channel ? channel.permissionsFor(me).bitfield : PermissionFlagsBits.SendMessages;
  return {
    userId,
    guildId: message.guildId,
    channelId: channel.id,
    parentId: 'parentId' in channel ? channel.parentId : null,
    roles: member ? [...member.roles.cache.keys()] : [],
    appPermissions,
    isThread: channel.isThread(),
    ageRestricted: ageRestricted(channel),
    userInstalled: false,
  };
}

async function mayDo(message: Message, userId: string, permission: bigint): Promise<boolean> {
  if (!message.inGuild()) return false;
  const member = await message.guild.members.fetch(userId);
  return message.channel.permissionsFor(member).has(permission);
}
