import { randomBytes } from 'node:crypto';
import {
  ApplicationCommandType,
  InteractionContextType,
  InteractionType,
  MessageFlags,
  MessageType,
} from 'discord-api-types/v10';
import type { Payloads } from './payload.js';
import { permissionsIn } from './permissions.js';
import type { Application, Channel, KeptInteraction, Message, User } from './things.js';
import type { World } from './world.js';

/**
 * Milliseconds that an app has for its first answer, and that its token works (documentation, "Receiving and
 * Responding").
 */
export const FIRST_ANSWER = 3000;
export const TOKEN_LIFETIME = 15 * 60 * 1000;

/** One interaction, from the click to the last edit. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly application: Application;
  readonly channel: Channel;
  readonly user: User;
  readonly createdAt: number;
  readonly data: unknown;
  /** The message whose component was used, or that opened the modal. */
  readonly source: Message | null;
  readonly commandName: string | null;
  answered: boolean;
  /** The deferred answer or reply: `@original`. */
  original: Message | null;
  followups: number;
  /** Resolves with the first answer: a modal, choices, or nothing to show. */
  readonly answer: Promise<InteractionAnswer>;
  settle(answer: InteractionAnswer): void;
}

export type InteractionAnswer =
  | { kind: 'message'; message: Message }
  | { kind: 'modal'; modal: { custom_id: string; title: string; components: unknown[] } }
  | { kind: 'choices'; choices: { name: string; value: string | number }[] }
  | { kind: 'update' }
  | { kind: 'failed' };

/** Creates interactions, sends them to the app, and finds them again by id and token, even after a restart. */
export class Interactions {
  /** Those created by this process, for whose first answer somebody is waiting. */
  readonly #byToken = new Map<string, Interaction>();

  constructor(
    private readonly world: World,
    private readonly payloads: Payloads,
    /** A timer for the first answer; tests pass a clock that they control. */
    private readonly after: (milliseconds: number, then: () => void) => () => void,
  ) {}

  byId(id: string, token: string): Interaction | undefined {
    const interaction = this.#find(token);
    return interaction?.id === id ? interaction : undefined;
  }

  byToken(applicationId: string, token: string): Interaction | undefined {
    const interaction = this.#find(token);
    return interaction?.application.id === applicationId ? interaction : undefined;
  }

  #find(token: string): Interaction | undefined {
    const kept = this.world.interactions.get(token);
    // Whoever was waiting before a restart no longer is.
    return this.#byToken.get(token) ?? (kept && this.#of(kept, new Promise(() => {}), () => {}));
  }

  #of(kept: KeptInteraction, answer: Promise<InteractionAnswer>, settle: Interaction['settle']): Interaction {
    const { world } = this;
    const message = (id: string | null) => (id ? (world.messages.get(kept.channelId)?.get(id) ?? null) : null);
    const { id, token, type, data, commandName } = kept;
    return {
      id,
      token,
      type,
      data,
      commandName,
      get createdAt() {
        return kept.createdAt;
      },
      application: world.application(kept.applicationId),
      channel: world.channel(kept.channelId),
      user: world.user(kept.userId),
      source: message(kept.sourceId),
      get answered() {
        return kept.answered;
      },
      set answered(answered) {
        kept.answered = answered;
        world.put('interactions', kept);
      },
      get original() {
        return message(kept.originalId);
      },
      set original(original) {
        kept.originalId = original?.id ?? null;
        world.put('interactions', kept);
      },
      get followups() {
        return kept.followups;
      },
      set followups(followups) {
        kept.followups = followups;
        world.put('interactions', kept);
      },
      answer,
      settle,
    };
  }

  /** Sends INTERACTION_CREATE. @param data as the API defines it for the type. */
  create(
    application: Application,
    type: InteractionType,
    user: User,
    channel: Channel,
    data: { name?: string; type?: number },
    source: Message | null = null,
  ): Interaction {
    let settle: (answer: InteractionAnswer) => void = () => {};
    const answer = new Promise<InteractionAnswer>((resolve) => {
      settle = resolve;
    });
    const kept: KeptInteraction = {
      id: this.world.id(),
      token: randomBytes(48).toString('base64url'),
      type,
      applicationId: application.id,
      channelId: channel.id,
      userId: user.id,
      createdAt: this.world.now(),
      data,
      sourceId: source?.id ?? null,
      commandName: data.name ?? null,
      answered: false,
      originalId: null,
      followups: 0,
    };
    const interaction = this.#of(kept, answer, settle);
    for (const [token, old] of this.world.interactions) {
      if (kept.createdAt - old.createdAt < 2 * TOKEN_LIFETIME) break;
      this.world.remove('interactions', old);
      this.#byToken.delete(token);
    }
    this.world.put('interactions', kept);
    this.#byToken.set(kept.token, interaction);
    const cancel = this.after(FIRST_ANSWER, () => {
      if (!interaction.answered) settle({ kind: 'failed' });
    });
    void answer.then(cancel);
    this.world.publish({ name: 'INTERACTION_CREATE', data: this.#payload(interaction), applicationId: application.id });
    return interaction;
  }

  /** Whether the app was not added to the place but only installed by the user. */
  userInstalledOnly({ application, channel }: Interaction): boolean {
    return channel.guildId !== null && !application.guilds.has(channel.guildId);
  }

  /** Makes all tokens stop working, as after 15 minutes. */
  expireTokens(): void {
    for (const kept of this.world.interactions.values()) {
      kept.createdAt = this.world.now() - TOKEN_LIFETIME - 1;
      this.world.put('interactions', kept);
    }
  }

  /** The fields in which the answer's message says where it comes from. */
  origin({ id, type, user, application, channel, commandName, source, data }: Interaction): Partial<Message> {
    const owners = this.#owners(application, channel, user);
    const base = { id, user: this.payloads.user(user), authorizing_integration_owners: owners };
    const pressed = { ...base, type: InteractionType.MessageComponent, interacted_message_id: source?.id };
    const ran = { ...base, type: InteractionType.ApplicationCommand };
    const metadata =
      type === InteractionType.ModalSubmit
        ? { ...base, type, triggering_interaction_metadata: source ? pressed : ran }
        : source
          ? pressed
          : ran;
    const isChat =
      type === InteractionType.ApplicationCommand &&
      (data as { type?: number }).type === ApplicationCommandType.ChatInput;
    return {
      type: isChat ? MessageType.ChatInputCommand : source ? MessageType.Reply : MessageType.Default,
      application_id: application.id,
      webhook_id: application.id,
      interaction_metadata: metadata as never,
      ...(commandName && { interaction: { id, type, name: commandName, user: this.payloads.user(user) } as never }),
    };
  }

  #owners(application: Application, channel: Channel, user: User): Record<string, string> {
    const inGuild = channel.guildId && application.guilds.has(channel.guildId);
    return {
      ...(inGuild && { '0': channel.guildId! }),
      ...(!channel.guildId && { '0': '0' }),
      ...(application.users.has(user.id) && { '1': user.id }),
    };
  }

  #payload(interaction: Interaction): object {
    const { id, token, type, application, channel, user, data, source } = interaction;
    const guild = channel.guildId ? this.world.guild(channel.guildId) : null;
    const shownUser = this.payloads.user(user);
    const allowed = permissionsIn(this.world, channel, application.botId);
    // An app that is not in the guild has its user's permissions.
    const appPermissions =
      guild && !application.guilds.has(guild.id) ? permissionsIn(this.world, channel, user.id) : allowed;
    return {
      id,
      application_id: application.id,
      type,
      token,
      version: 1,
      data,
      channel_id: channel.id,
      channel: this.payloads.partialChannel(channel, user.id),
      ...(guild && {
        guild_id: guild.id,
        guild: { id: guild.id, locale: guild.locale, features: [] },
        guild_locale: guild.locale,
        member: {
          ...this.payloads.member(guild, guild.members.get(user.id)!),
          permissions: permissionsIn(this.world, channel, user.id).toString(),
        },
      }),
      ...(!guild && { user: shownUser }),
      ...(source && { message: this.payloads.message(source, user.id) }),
      app_permissions: appPermissions.toString(),
      locale: user.locale,
      entitlements: [],
      authorizing_integration_owners: this.#owners(application, channel, user),
      context: guild
        ? InteractionContextType.Guild
        : channel.recipients.includes(application.botId)
          ? InteractionContextType.BotDM
          : InteractionContextType.PrivateChannel,
      attachment_size_limit: user.attachmentLimit,
    };
  }
}

/** Flags of a deferred answer. */
export const DEFERRED = MessageFlags.Loading;
