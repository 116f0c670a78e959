import {
  type APIApplicationCommand,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  ApplicationCommandOptionType as OptionType,
} from 'discord-api-types/v10';
import { mayUse } from '../../../src/discord/command-access.js';
import { commandPlace } from '../../../src/discord/command-place.js';
import type { Interaction, InteractionAnswer, Interactions } from '../../../src/discord/interactions.js';
import type { Messages } from '../../../src/discord/messages.js';
import type { Payloads } from '../../../src/discord/payload.js';
import { react, unreact } from '../../../src/discord/reactions.js';
import { joined, resolve } from '../../../src/discord/resolved.js';
import { typeOf } from '../../../src/discord/rest/body.js';
import { checkOptionValues, type OptionValue } from '../../../src/discord/rules/command.js';
import { checkPicked, checkTyped } from '../../../src/discord/rules/filled.js';
import { inputOf } from '../../../src/discord/rules/modal.js';
import type { Application, Channel, Message, User } from '../../../src/discord/things.js';
import { keepUpload } from '../../../src/discord/uploads.js';
import type { World } from '../../../src/discord/world.js';

/** A file that a user attaches. */
export interface File {
  name: string;
  bytes: Uint8Array;
}

/** What came of an interaction within three seconds, and the message that answers it, if one does. */
export interface Outcome {
  interaction: Interaction;
  answer: InteractionAnswer;
  /** @throws if the answer was no message. */
  readonly message: Message;
}

type Component = {
  type: number;
  custom_id?: string;
  label?: string;
  emoji?: { name?: string };
  disabled?: boolean;
  components?: Component[];
  accessory?: Component;
};

/** The Discord that a user is a member of. */
interface Discord {
  readonly world: World;
  readonly payloads: Payloads;
  readonly messages: Messages;
  readonly interactions: Interactions;
  message(message: Pick<Message, 'channel_id' | 'id'>): Message;
}

/** One user at their client. Whatever the client would not let them do throws a TypeError. */
export class DrivenUser {
  constructor(
    private readonly discord: Discord,
    readonly user: User,
  ) {}

  /** Runs a slash command. @param name with subcommands behind a blank: `settings channels`. Waits for the first answer. */
  async run(channel: Channel, name: string, values: Record<string, OptionValue | File> = {}): Promise<Outcome> {
    const { application, command, wrap, options } = this.#command(channel, name, ApplicationCommandType.ChatInput);
    const attachments: Record<string, unknown> = {};
    const plain: Record<string, OptionValue> = {};
    for (const [key, value] of Object.entries(values)) {
      if (typeof value !== 'object') plain[key] = value;
      else {
        const attachment = await this.#upload(channel, value);
        plain[key] = attachment.id;
        attachments[attachment.id] = attachment;
      }
    }
    checkOptionValues(options, plain);
    const given = options.filter((option) => plain[option.name] !== undefined);
    const filled = given.map(({ name, type }) => ({ name, type, value: plain[name] }));
    const named = filled.map(({ type, value }) =>
      resolve(this.discord, channel, this.user, [String(value)], type, 'option'),
    );
    const resolved = joined(Object.keys(attachments).length > 0 ? [...named, { attachments }] : named);
    return this.#interact(application, InteractionType.ApplicationCommand, channel, {
      id: command.id,
      name: command.name,
      type: ApplicationCommandType.ChatInput,
      ...(command.guild_id && { guild_id: command.guild_id }),
      options: wrap(filled),
      ...(resolved && { resolved }),
    });
  }

  /** What the app suggests for an option while it is typed. */
  async autocomplete(
    channel: Channel,
    name: string,
    option: string,
    text: string,
    others: Record<string, OptionValue> = {},
  ) {
    const { application, command, wrap, options } = this.#command(channel, name, ApplicationCommandType.ChatInput);
    const typed = options.find((one) => one.name === option) as { type: number; autocomplete?: boolean } | undefined;
    if (!typed?.autocomplete) throw new TypeError(`The option "${option}" of /${name} does not autocomplete.`);
    const filled = [
      ...options
        .filter((one) => others[one.name] !== undefined)
        .map(({ name, type }) => ({ name, type, value: others[name] })),
      { name: option, type: typed.type, value: text, focused: true },
    ];
    const data = { id: command.id, name: command.name, type: command.type, options: wrap(filled) };
    const { answer } = await this.#interact(application, InteractionType.ApplicationCommandAutocomplete, channel, data);
    return answer.kind === 'choices' ? answer.choices : [];
  }

  /** Presses a button, found by custom id, label or emoji. */
  press(message: Message, which: string): Promise<Outcome> {
    const button = this.#find(
      message,
      (c) => c.type === ComponentType.Button && [c.custom_id, c.label, c.emoji?.name].includes(which),
    );
    if (!button)
      throw new TypeError(`There is no button "${which}" under the message: ${this.labels(message).join(', ')}.`);
    if (button.disabled) throw new TypeError(`The button "${which}" is disabled.`);
    return this.component(message, button.custom_id!, ComponentType.Button);
  }

  /** Chooses values of a select menu. */
  pick(message: Message, customId: string, values: readonly string[]): Promise<Outcome> {
    const select = this.#find(message, (component) => component.custom_id === customId);
    if (!select) throw new TypeError(`There is no select menu "${customId}".`);
    checkPicked(select, values);
    return this.component(message, customId, select.type, values);
  }

  /** Uses a component by its custom id, even one that the message no longer has: a stale client may. */
  component(message: Message, customId: string, type: number, values?: readonly string[]): Promise<Outcome> {
    const application = this.#applicationOf(message);
    const channel = this.discord.world.channel(message.channel_id);
    const data = {
      custom_id: customId,
      component_type: type,
      ...(values && { values, resolved: resolve(this.discord, channel, this.user, values, type, 'component') }),
    };
    return this.#interact(
      application,
      InteractionType.MessageComponent,
      channel,
      data,
      this.discord.world.message(channel.id, message.id),
    );
  }

  /** Fills in a modal that an interaction was answered with; inputs that are not named keep what stood in them. */
  async submit({ interaction, answer }: Outcome, values: Record<string, string | File> = {}): Promise<Outcome> {
    if (answer.kind !== 'modal') throw new TypeError(`No modal was shown but ${answer.kind}.`);
    const attachments: Record<string, unknown> = {};
    const texts: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) {
      const kept = typeof value === 'string' ? null : await this.#upload(interaction.channel, value);
      if (kept) attachments[kept.id] = kept;
      texts[name] = kept?.id ?? (value as string);
    }
    const rows = answer.modal.components as Record<string, unknown>[];
    const components = rows.flatMap((row): object[] => {
      const input = inputOf(row) as
        | {
            custom_id: string;
            type: number;
            value?: string;
            options?: { default?: boolean; value: string }[];
          }
        | undefined;
      if (!input) return [];
      const value = texts[input.custom_id] ?? input.value ?? '';
      if (input.type === ComponentType.TextInput) checkTyped(input, value);
      const filled =
        input.type === ComponentType.TextInput
          ? { type: input.type, custom_id: input.custom_id, value }
          : {
              type: input.type,
              custom_id: input.custom_id,
              values: texts[input.custom_id]
                ? [value]
                : (input.options ?? []).filter((o) => o.default).map((o) => o.value),
            };
      return row.type === ComponentType.Label
        ? [{ type: ComponentType.Label, component: filled }]
        : [{ type: ComponentType.ActionRow, components: [filled] }];
    });
    const resolved = Object.keys(attachments).length > 0 && { resolved: { attachments } };
    const data = { custom_id: answer.modal.custom_id, components, ...resolved };
    return this.#interact(
      interaction.application,
      InteractionType.ModalSubmit,
      interaction.channel,
      data,
      interaction.source,
    );
  }

  /** Uses an entry of a message's Apps menu. */
  contextMenu(message: Message, name: string): Promise<Outcome> {
    const channel = this.discord.world.channel(message.channel_id);
    const { application, command } = this.#command(channel, name, ApplicationCommandType.Message);
    return this.#interact(application, InteractionType.ApplicationCommand, channel, {
      id: command.id,
      name: command.name,
      type: ApplicationCommandType.Message,
      target_id: message.id,
      resolved: {
        messages: { [message.id]: this.discord.payloads.message(this.discord.message(message), this.user.id) },
      },
    });
  }

  react(message: Message, emoji: string): void {
    react(
      this.discord,
      this.discord.world.channel(message.channel_id),
      this.discord.message(message),
      this.user.id,
      emoji,
    );
  }

  unreact(message: Message, emoji: string): void {
    unreact(
      this.discord,
      this.discord.world.channel(message.channel_id),
      this.discord.message(message),
      this.user.id,
      emoji,
    );
  }

  /** Writes into a channel. */
  say(channel: Channel, content: string, files: readonly File[] = []): Promise<Message> {
    const uploads = files.map(({ name, bytes }, n) => ({ n, name, bytes, type: typeOf(name) }));
    const { id: authorId, attachmentLimit: fileLimit } = this.user;
    return this.discord.messages.create(channel, { content }, uploads, { authorId, fileLimit });
  }

  delete(message: Message): void {
    this.discord.messages.remove(this.discord.world.channel(message.channel_id), this.discord.message(message));
  }

  /** What stands on a message's buttons. */
  labels(message: Message): string[] {
    const labels: string[] = [];
    this.#find(message, (component) => {
      if (component.type === ComponentType.Button) labels.push(component.label ?? component.emoji?.name ?? '');
      return false;
    });
    return labels;
  }

  async #interact(
    application: Application,
    type: InteractionType,
    channel: Channel,
    data: object,
    source: Message | null = null,
  ): Promise<Outcome> {
    const interaction = this.discord.interactions.create(application, type, this.user, channel, data, source);
    const answer = await interaction.answer;
    return {
      interaction,
      answer,
      get message() {
        if (answer.kind !== 'message') throw new Error(`Answered with ${answer.kind}, not a message.`);
        return answer.message;
      },
    };
  }

  /** Finds a command where the user may see it: an app of this place, or one they installed themself. */
  #command(channel: Channel, name: string, type: ApplicationCommandType) {
    const path = type === ApplicationCommandType.ChatInput ? name.split(' ') : [name];
    for (const application of this.discord.world.applications.values()) {
      const place = commandPlace(this.discord.world, application, channel, this.user.id);
      const own = channel.guildId && place.added ? (application.commands.get(channel.guildId) ?? []) : [];
      const command = [...own, ...(application.commands.get('') ?? [])].find(
        (one) => one.name === path[0] && one.type === type && mayUse(one, place),
      );
      if (!command) continue;
      let options = command.options ?? [];
      let wrap = (filled: object[]) => filled;
      for (const part of path.slice(1)) {
        const inner = options.find((option) => option.name === part);
        if (!inner) throw new TypeError(`/${path[0]} has no subcommand "${part}".`);
        const outer = wrap;
        wrap = (filled) => outer([{ name: part, type: inner.type, options: filled }]);
        options = ('options' in inner ? inner.options : undefined) ?? [];
      }
      if (options.some(({ type }) => type === OptionType.Subcommand))
        throw new TypeError(`/${name} needs a subcommand.`);
      return { application, command, options: options as NonNullable<APIApplicationCommand['options']>, wrap };
    }
    throw new TypeError(`${this.user.username} sees no command "${name}" here.`);
  }

  #applicationOf(message: Message): Application {
    const application = [...this.discord.world.applications.values()].find(({ botId }) => botId === message.author.id);
    if (!application) throw new TypeError("The message is not an app's.");
    return application;
  }

  #upload(channel: Channel, { name, bytes }: File) {
    if (bytes.length > this.user.attachmentLimit)
      throw new TypeError(`${name} is larger than ${this.user.username} may upload.`);
    return keepUpload(this.discord, channel, { name, bytes, type: typeOf(name) });
  }

  #find(message: Message, wanted: (component: Component) => boolean): Component | undefined {
    const visit = (components: readonly Component[]): Component | undefined => {
      for (const component of components) {
        if (wanted(component)) return component;
        const inner = visit([...(component.components ?? []), ...(component.accessory ? [component.accessory] : [])]);
        if (inner) return inner;
      }
      return undefined;
    };
    return visit((this.discord.message(message).components ?? []) as unknown as Component[]);
  }
}
