import {
  type ButtonInteraction,
  Events,
  type Interaction,
  type ModalSubmitInteraction,
  type RepliableInteraction,
} from 'discord.js';
import { RequestError } from '../../engine/errors.js';
import type { App } from '../app.js';
import { CONTENT, QUIET } from '../delivery/texts.js';
import { formFilled, previewPressed } from '../expressions/answered.js';
import { type Action, type CustomId, parseCustomId } from '../gateway/custom-id.js';
import { isTooLate } from '../gateway/discord-errors.js';
import { AnswerLost } from '../gateway/discord-requests.js';
import { Seen } from '../gateway/seen.js';
import { forgetPressed } from '../privacy/answered.js';
import { newJobId } from '../request/job-id.js';
import { StoreError } from '../storage/store-error.js';
import { cut } from '../text/cut.js';
import { translateFor } from '../text/i18n.js';
import { quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';
import { inWords } from '../text/told.js';
import { edited, pressed } from './buttons.js';
import type { Commands } from './command.js';
import { settingPicked, settingSubmitted } from './settings-menu.js';

type Handlers<I> = Partial<Record<Action, (app: App, interaction: I, id: CustomId) => Promise<void>>>;

/** Forms and buttons that are not of a result. */
const FORMS: Handlers<ModalSubmitInteraction> = { emoji: formFilled, settings: settingSubmitted };
const BUTTONS: Handlers<ButtonInteraction> = { emoji: previewPressed, privacy: forgetPressed };

/** Brings every interaction to what answers it, and whatever goes wrong to the user: the one place that does. */
export function route(app: App, commands: Commands): void {
  const seen = new Seen();
  app.client.on(Events.InteractionCreate, (interaction) => {
    if (!seen.add(interaction.id)) return;
    void dispatch(app, commands, interaction).catch((error) => answerError(app, interaction, error));
  });
}

async function dispatch(
  app: App,
  { chatCommands, messageCommands }: Commands,
  interaction: Interaction,
): Promise<void> {
  if (interaction.isChatInputCommand()) {
    return chatCommands.get(interaction.commandName)?.execute(app, interaction);
  }
  if (interaction.isMessageContextMenuCommand()) {
    return messageCommands.get(interaction.commandName)?.execute(app, interaction);
  }
  if (interaction.isAutocomplete()) {
    return chatCommands.get(interaction.commandName)?.autocomplete?.(app, interaction);
  }
  if (interaction.isMessageComponent() || interaction.isModalSubmit()) {
    const id = parseCustomId(interaction.customId);
    if (!id) throw new Refusal('old');
    if (interaction.isModalSubmit()) return (FORMS[id.action] ?? edited)(app, interaction, id);
    if (interaction.isButton()) return (BUTTONS[id.action] ?? pressed)(app, interaction, id);
    if (interaction.isStringSelectMenu() && id.action !== 'settings') return pressed(app, interaction, id);
    return settingPicked(app, interaction, id);
  }
}

/** What a person can mend is told to them; anything else gets a number that is in the log. Only they see it. */
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
  let content: string;
  if (error instanceof Refusal) content = error.text(t);
  else if (error instanceof RequestError)
    content = quote(inWords({ text: error.message, meaning: error.meaning }, t), CONTENT);
  else {
    const id = newJobId();
    app.log.error({ err: error, id, interaction: interaction.id }, 'an interaction failed');
    content = t('result.failed', { id });
  }
  try {
    if (interaction.isAutocomplete()) await interaction.respond([]);
    else await tell(interaction, cut(content, CONTENT));
  } catch (cause) {
    app.log.warn({ err: cause }, 'an error could not be told');
  }
}

function tell(interaction: RepliableInteraction, content: string): Promise<unknown> {
  const message = { content, flags: QUIET, allowedMentions: { parse: [] } } as const;
  return interaction.deferred || interaction.replied ? interaction.followUp(message) : interaction.reply(message);
}
