import { InteractionType, InteractionResponseType as Kind, MessageFlags } from 'discord-api-types/v10';
import type { Hono } from 'hono';
import { DiscordError, invalidForm, unknown } from '../error.js';
import { DEFERRED, FIRST_ANSWER, type Interaction, TOKEN_LIFETIME } from '../interactions.js';
import type { MessageInput, UploadedFile } from '../message-input.js';
import { permissionsIn } from '../permissions.js';
import { characters } from '../rules/fields.js';
import { checkModal } from '../rules/modal.js';
import type { Message } from '../things.js';
import { readBody } from './body.js';
import type { Env, Services } from './services.js';

const USE_EXTERNAL_APPS = 1n << 50n;
/** Answers whose message is returned. */
const WITH_MESSAGE: readonly Kind[] = [Kind.ChannelMessageWithSource, Kind.UpdateMessage];
/** Follow-ups of an app that only the user installed. */
const FOLLOWUPS = 5;

/** First answers, and the webhook for everything after (documentation, "Receiving and Responding to Interactions"). */
export function interactionRoutes(app: Hono<Env>, { world, payloads, messages, interactions }: Services): void {
  app.post('/interactions/:id/:token/callback', async (c) => {
    const interaction = interactions.byId(c.req.param('id'), c.req.param('token'));
    if (!interaction || world.now() - interaction.createdAt > FIRST_ANSWER) throw unknown.interaction();
    if (interaction.answered) throw new DiscordError(400, 40060, 'Interaction has already been acknowledged.');
    const { input, files } = await readBody(c);
    // Taken before anything is awaited, so that only one of several concurrent answers wins; given back if it is
    // refused.
    if (interaction.answered) throw new DiscordError(400, 40060, 'Interaction has already been acknowledged.');
    interaction.answered = true;
    const message = await answer(interaction, input.type, input.data ?? {}, files).catch((error) => {
      interaction.answered = false;
      throw error;
    });
    if (c.req.query('with_response') !== 'true') return c.body(null, 204);
    return c.json({
      interaction: {
        id: interaction.id,
        type: interaction.type,
        response_message_id: message?.id,
        response_message_loading: message ? (message.flags! & DEFERRED) !== 0 : undefined,
        response_message_ephemeral: message ? message.onlyFor !== null : undefined,
      },
      ...(message &&
        WITH_MESSAGE.includes(input.type) && {
          resource: { type: input.type, message: payloads.message(message, message.author.id) },
        }),
    });
  });

  app.post('/webhooks/:app/:token', async (c) => {
    const interaction = live(c.req.param('app'), c.req.param('token'));
    const { input, files } = await readBody(c);
    const pending = interaction.original && interaction.original.flags! & DEFERRED;
    // The first follow-up to a deferred answer is that answer.
    if (pending) return c.json(show(await edit(interaction, interaction.original!, input, files)));
    if (!interaction.answered) throw unknown.webhook();
    if (interactions.userInstalledOnly(interaction) && interaction.followups >= FOLLOWUPS) {
      throw new DiscordError(400, 40094, 'This interaction has reached the maximum number of follow-up messages');
    }
    interaction.followups++;
    return c.json(show(await reply(interaction, input, files)));
  });
  app.get('/webhooks/:app/:token/messages/:message', (c) => c.json(show(target(c)[1])));
  app.patch('/webhooks/:app/:token/messages/:message', async (c) => {
    const [interaction, message] = target(c);
    const { input, files } = await readBody(c);
    return c.json(show(await edit(interaction, message, input, files)));
  });
  app.delete('/webhooks/:app/:token/messages/:message', (c) => {
    const [{ channel }, message] = target(c);
    messages.remove(channel, message);
    return c.body(null, 204);
  });

  const show = (message: Message) => payloads.message(message, message.author.id);

  function live(applicationId: string, token: string): Interaction {
    const interaction = interactions.byToken(applicationId, token);
    if (!interaction) throw unknown.webhook();
    if (world.now() - interaction.createdAt > TOKEN_LIFETIME)
      throw new DiscordError(401, 50027, 'Invalid Webhook Token');
    return interaction;
  }

  function target(c: { req: { param(name: string): string | undefined } }): [Interaction, Message] {
    const interaction = live(c.req.param('app')!, c.req.param('token')!);
    const id = c.req.param('message')!;
    const message = id === '@original' ? interaction.original : world.messages.get(interaction.channel.id)?.get(id);
    if (!message || !world.messages.get(interaction.channel.id)?.has(message.id)) throw unknown.message();
    if (message.author.id !== interaction.application.botId) throw unknown.message();
    return [interaction, message];
  }

  async function answer(
    interaction: Interaction,
    kind: Kind,
    data: MessageInput,
    files: readonly UploadedFile[],
  ): Promise<Message | null> {
    const fromComponent = interaction.source !== null;
    const suggests = interaction.type === InteractionType.ApplicationCommandAutocomplete;
    if (suggests !== (kind === Kind.ApplicationCommandAutocompleteResult)) throw wrongKind(kind);
    switch (kind) {
      case Kind.ChannelMessageWithSource: {
        const message = await reply(interaction, data, files);
        return answered(interaction, message, { kind: 'message', message });
      }
      case Kind.DeferredChannelMessageWithSource: {
        if ((data.flags ?? 0) & ~MessageFlags.Ephemeral) {
          throw invalidForm('data.flags', 'BASE_TYPE_CHOICES', 'Only EPHEMERAL may be set for a deferred answer.');
        }
        const message = await reply(interaction, { flags: data.flags ?? 0 }, [], DEFERRED);
        return answered(interaction, message, { kind: 'message', message });
      }
      case Kind.DeferredMessageUpdate:
        if (!fromComponent) throw wrongKind(kind);
        return answered(interaction, interaction.source, { kind: 'update' });
      case Kind.UpdateMessage:
        if (!fromComponent) throw wrongKind(kind);
        await edit(interaction, interaction.source!, data, files);
        return answered(interaction, interaction.source, { kind: 'update' });
      case Kind.ApplicationCommandAutocompleteResult: {
        const choices = data.choices ?? [];
        if (choices.length > 25)
          throw invalidForm('data.choices', 'BASE_TYPE_MAX_LENGTH', 'Must be 25 or fewer in length.');
        for (const [i, { name, value }] of choices.entries()) {
          if (!name || characters(name) > 100 || characters(String(value)) > 100) {
            throw invalidForm(`data.choices[${i}]`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
          }
        }
        return answered(interaction, null, { kind: 'choices', choices });
      }
      case Kind.Modal:
        if (interaction.type === InteractionType.ModalSubmit) throw wrongKind(kind);
        checkModal(data);
        return answered(interaction, null, { kind: 'modal', modal: data as never });
      default:
        throw wrongKind(kind);
    }
  }

  function answered(interaction: Interaction, original: Message | null, result: Parameters<Interaction['settle']>[0]) {
    interaction.original = original;
    interaction.settle(result);
    return original;
  }

  function reply(
    interaction: Interaction,
    input: MessageInput,
    files: readonly UploadedFile[],
    flags = 0,
  ): Promise<Message> {
    const { application, channel, user, source } = interaction;
    // Without USE_EXTERNAL_APPS, answers of an app that only the user installed are visible to that user alone.
    const hidden =
      interactions.userInstalledOnly(interaction) && !(permissionsIn(world, channel, user.id) & USE_EXTERNAL_APPS);
    const ephemeral = hidden || ((input.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
    const reference = source && {
      message_reference: { type: 0 as const, channel_id: channel.id, message_id: source.id },
      // An answer that everybody sees must not reveal a hidden message.
      ...((ephemeral || !source.onlyFor) && { referenced_message: payloads.message(source, user.id) as never }),
    };
    return messages.create(channel, input, files, {
      authorId: application.botId,
      onlyFor: ephemeral ? user.id : null,
      extra: { ...interactions.origin(interaction), ...reference, flags },
      fileLimit: user.attachmentLimit,
    });
  }

  function edit(interaction: Interaction, message: Message, input: MessageInput, files: readonly UploadedFile[]) {
    return messages.edit(interaction.channel, message, input, files, interaction.user.attachmentLimit);
  }

  function wrongKind(kind: number) {
    return invalidForm(
      'type',
      'INTERACTION_APPLICATION_CALLBACK_TYPE_INVALID',
      `The type ${kind} is not allowed here.`,
    );
  }
}
