import { Events, type Interaction, type RepliableInteraction } from 'discord.js';
import { RequestError } from '../../engine/errors.js';
import type { App } from '../app.js';
import { CONTENT, QUIET } from '../delivery/texts.js';
import { type CustomId, parseCustomId } from '../gateway/custom-id.js';
import { isTooLate } from '../gateway/discord-errors.js';
import { AnswerLost } from '../gateway/discord-requests.js';
import { Seen } from '../gateway/seen.js';
import { type Ask, askOf } from '../intake/ask.js';
import { isByRules } from '../moderation/entry.js';
import { newJobId } from '../request/job-id.js';
import { manages } from '../rules/manager.js';
import { StoreError } from '../storage/store-error.js';
import { cut } from '../text/cut.js';
import { translateFor } from '../text/i18n.js';
import { noticeText } from '../text/notice.js';
import { quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';
import type { Commands } from './command.js';
import { HANDLERS, type Handlers } from './handlers.js';
import { typedIn, withTyped } from './typed.js';

/** Most characters of an error's text, so that what was typed fits into the message. */
const REASON = CONTENT - 200;

/** Every action has its handler, and App has what each of them needs. */
const handlers: Handlers<App> = HANDLERS;

/** Passes every interaction to its handler, and reports errors to the user. This is the only place that does. */
export function route(app: App, commands: Commands<App>): void {
  const seen = new Seen();
  app.client.on(Events.InteractionCreate, (interaction) => {
    // What was said to this bot while it was frozen has been answered by the one that leads now.
    if (!app.leads() || !seen.add(interaction.id)) return;
    void dispatch(app, commands, interaction).catch((error) => answerError(app, interaction, error));
  });
}

async function dispatch(app: App, commands: Commands<App>, interaction: Interaction): Promise<void> {
  const ask = <I extends Interaction>(narrowed: I) => askOf(narrowed, app.settings);
  if (interaction.isChatInputCommand()) {
    const command = known(commands.chatCommands.get(interaction.commandName));
    await checkBlocks(app, interaction, command);
    return command.execute(app, ask(interaction));
  }
  if (interaction.isMessageContextMenuCommand()) {
    await checkBlocks(app, interaction);
    return known(commands.messageCommands.get(interaction.commandName)).execute(app, ask(interaction));
  }
  if (interaction.isAutocomplete()) {
    await checkBlocks(app, interaction);
    return known(commands.chatCommands.get(interaction.commandName)).autocomplete?.(app, ask(interaction));
  }
  if (!interaction.isMessageComponent() && !interaction.isModalSubmit()) throw new Refusal('unknownCommand');
  const id = parseCustomId(interaction.customId);
  const handler = id && handlers[id.action];
  const from = interaction.isModalSubmit() ? 'form' : interaction.isButton() ? 'button' : 'menu';
  // Looked up by the id's action and the kind of component, so it accepts both.
  const handle = handler?.[from] as ((app: App, ask: Ask<Interaction>, id: CustomId) => Promise<void>) | undefined;
  if (!id || !handle) throw new Refusal('old');
  await checkBlocks(app, interaction, handler ?? {});
  return handle(app, ask(interaction), id);
}

/** @throws Refusal for a member whom the server has blocked, unless they manage it by now. */
async function checkBlocks(
  { blocks }: App,
  interaction: Interaction,
  { forBlocked }: { readonly forBlocked?: boolean } = {},
): Promise<void> {
  if (forBlocked || manages(interaction)) return;
  await blocks.check(interaction.guildId, interaction.user.id);
}

/** @throws Refusal for a command that this version does not have: Discord may still show another version's list. */
function known<C>(command: C | undefined): C {
  if (!command) throw new Refusal('unknownCommand');
  return command;
}

/**
 * Tells the user, and nobody else, about errors they can fix; for any other, shows the number under which it is logged.
 */
async function answerError(app: App, interaction: Interaction, error: unknown): Promise<void> {
  const t = translateFor(interaction.locale);
  if (isTooLate(error)) {
    app.log.warn({ err: error, age: app.clock.now() - interaction.createdTimestamp }, 'answered too late');
    return;
  }
  if (error instanceof AnswerLost) {
    app.log.warn({ err: error }, 'an answer was lost');
    return;
  }
  if (error instanceof StoreError) app.log.error({ err: error, interaction: interaction.id }, 'the store failed');
  if (error instanceof Refusal && isByRules(error) && !interaction.isAutocomplete() && interaction.channelId) {
    const { user, channelId: channel } = interaction;
    const typed = typedIn(interaction);
    app.moderation.note(interaction.guildId, { kind: 'refused', user: user.id, channel, why: error, typed });
  }
  let content: string;
  if (error instanceof Refusal) content = error.text(t);
  else if (error instanceof RequestError)
    content = quote(noticeText({ text: error.message, meaning: error.meaning }, t), CONTENT);
  else {
    const id = newJobId();
    app.log.error({ err: error, id, interaction: interaction.id }, 'an interaction failed');
    content = t('result.failed', { id });
  }
  try {
    if (interaction.isAutocomplete()) await interaction.respond([]);
    else await tell(interaction, withTyped(cut(content, REASON), interaction, t));
  } catch (cause) {
    app.log.warn({ err: cause }, 'an error message could not be sent');
  }
}

function tell(interaction: RepliableInteraction, said: ReturnType<typeof withTyped>): Promise<unknown> {
  const message = { ...said, flags: QUIET, allowedMentions: { parse: [] } } as const;
  return interaction.deferred || interaction.replied ? interaction.followUp(message) : interaction.reply(message);
}
