import { type Client, Events, type Message, MessageFlags, PermissionFlagsBits } from 'discord.js';
import type { Logger } from 'pino';
import { isOutOfReach } from '../gateway/discord-errors.js';
import type { Offer } from '../models/models.js';
import type { Blocks } from '../rules/blocks.js';
import { checkPlace } from '../rules/place-rules.js';
import type { GuildSettings } from '../rules/settings.js';
import type { Results } from '../storage/results.js';
import { translateFor } from '../text/i18n.js';
import { quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';

/** Milliseconds during which a member, or a channel, gets only one answer. */
const PAUSE = { user: 60_000, channel: 10_000 } as const;

interface Needs extends Offer {
  readonly client: Client<true>;
  readonly settings: GuildSettings;
  readonly results: Results;
  readonly blocks: Blocks;
  readonly log: Logger;
}

/**
 * Explains to members who mention the bot, or write to it, how it is used. No privileged intent is needed: Discord
 * sends every message without its content, and only its mentions matter. Bots get no answer, nor do replies that
 * mention the bot automatically.
 */
export function listenToMentions(needs: Needs): void {
  const pauses = new Pauses();
  needs.client.on(Events.MessageCreate, (message) => {
    if (!isForBot(message, needs.client) || !pauses.begin(message, performance.now())) return;
    void answer(needs, message).catch((err) => {
      if (!isOutOfReach(err)) needs.log.warn({ err }, 'a mention was not answered');
    });
  });
}

function isForBot(message: Message, { user }: Client<true>): boolean {
  if (message.author.bot || message.webhookId || message.system) return false;
  const own = { ignoreEveryone: true, ignoreRoles: true, ignoreRepliedUser: true };
  return message.channel.isDMBased() || message.mentions.has(user, own);
}

async function answer(needs: Needs, message: Message): Promise<void> {
  const { channel } = message;
  if (!channel.isSendable() || !mayAnswer(message)) return;
  // Everybody would see the answer, so a blocked member gets none.
  const manages = message.member?.permissions.has(PermissionFlagsBits.ManageGuild);
  if (!manages && (await needs.blocks.of(message.guildId, message.author.id))) return;
  const content = await lineFor(needs, message);
  await message.reply({
    content,
    allowedMentions: { parse: [], repliedUser: false },
    failIfNotExists: false,
    flags: MessageFlags.SuppressEmbeds,
  });
}

function mayAnswer({ channel, guild }: Message): boolean {
  if (channel.isDMBased()) return true;
  const { ViewChannel, SendMessages, SendMessagesInThreads, ReadMessageHistory } = PermissionFlagsBits;
  const send = channel.isThread() ? SendMessagesInThreads : SendMessages;
  const me = guild?.members.me;
  return Boolean(me && channel.permissionsFor(me).has([ViewChannel, send, ReadMessageHistory]));
}

/** How to paint, or why not here. Messages do not reveal their author's language. */
async function lineFor({ settings, results, models, config }: Needs, message: Message): Promise<string> {
  const { guildId, channelId, channel, member, author } = message;
  const of = await settings.of(guildId).catch(() => null);
  const known = guildId ? null : (await results.latest(author.id, channelId))?.record.locale;
  const t = translateFor(of?.language ?? message.guild?.preferredLocale ?? known ?? 'en');
  const parentId = 'parentId' in channel ? channel.parentId : null;
  const roles = [...(member?.roles.cache.keys() ?? [])];
  try {
    if (of) checkPlace(of, { guildId, channelId, parentId, roles });
  } catch (error) {
    if (error instanceof Refusal) return error.text(t);
    throw error;
  }
  const [example = ''] = models.get(config.model)?.model.card.examples ?? [];
  return t('greeting', { example: quote(example, 100) });
}

/** When members and channels were last answered; expired entries are dropped. */
class Pauses {
  readonly #until = new Map<string, number>();

  /** @returns false during a pause. @param now milliseconds, of any clock. */
  begin({ author, channelId }: Pick<Message, 'author' | 'channelId'>, now: number): boolean {
    for (const [key, until] of this.#until) if (until <= now) this.#until.delete(key);
    const [user, channel] = [`user:${author.id}`, `channel:${channelId}`];
    if (this.#until.has(user) || this.#until.has(channel)) return false;
    this.#until.set(user, now + PAUSE.user).set(channel, now + PAUSE.channel);
    return true;
  }
}
