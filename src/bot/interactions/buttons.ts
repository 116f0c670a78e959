import {
  ActionRowBuilder,
  type ButtonInteraction,
  type MessageComponentInteraction,
  ModalBuilder,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
  type StringSelectMenuInteraction,
  TextInputBuilder,
  TextInputStyle,
  userMention,
} from 'discord.js';
import type { App } from '../app.js';
import { isFlagged } from '../delivery/flagged.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import { isGone } from '../gateway/discord-errors.js';
import { placeOf } from '../gateway/place.js';
import { pictureOf } from '../intake/sources.js';
import { submit, wishesOf } from '../intake/submit.js';
import { MAX_COUNT, SCALE, STEPS, VARIATION_STRENGTH } from '../request/bounds.js';
import { commonOf, type PaintRequest } from '../request/paint-request.js';
import { isVaried, picturesOf, withAlternatives } from '../request/varied.js';
import { checkPlace, keepsFlagged } from '../rules/place-rules.js';
import { type Pressed, type ResultRecord, randomSeed, withNewSeed } from '../storage/results.js';
import { cut } from '../text/cut.js';
import { translateFor } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';

/** Does what a button or menu under one of the bot's messages says; all that it needs is in the store. */
export async function pressed(
  app: App,
  interaction: ButtonInteraction | StringSelectMenuInteraction,
  id: CustomId,
): Promise<void> {
  const record = await app.results.behindPress(id.job, pressOf(interaction));
  if (id.action === 'cancel') return cancel(app, interaction, id.job, record);
  if (id.action === 'delete') return remove(app, interaction, record);
  if (!record) throw new Refusal('gone');
  const settings = await app.settings.of(interaction.guildId);
  const place = placeOf(interaction);
  checkPlace(settings, place);
  const wishes = wishesOf(interaction.message);
  switch (id.action) {
    case 'again':
      return submit(app, interaction, withNewSeed(record.request), wishes);
    case 'edit':
      await interaction.showModal(editModal(id.job, record.request, interaction.locale));
      return;
    case 'upscale':
    case 'vary': {
      const index = interaction.isButton() ? id.index : Number(interaction.values[0]);
      if (!(index >= 1 && index <= (record.shown || record.request.count))) throw new Refusal('old');
      if (isFlagged(record, index) && !keepsFlagged(settings, place)) throw new Refusal('flagged');
      const source = await pictureOf(app, id.job, index, record, interaction.message, interaction.user.id);
      const one = isVaried(record.request)
        ? { ...picturesOf(record.request)[index - 1]!, count: MAX_COUNT }
        : record.request;
      const request = id.action === 'upscale' ? enlarged(app, one, source) : variations(one, source);
      return submit(app, interaction, request, { ...wishes, parent: { job: id.job, index } });
    }
    default:
      throw new Refusal('old');
  }
}

function variations(request: PaintRequest, source: string): PaintRequest {
  return { ...commonOf(request), kind: 'img2img', source, strength: VARIATION_STRENGTH, seed: randomSeed() };
}

function enlarged(app: App, request: PaintRequest, source: string): PaintRequest {
  const { width, height } = request;
  const twice = { width: width * 2, height: height * 2, count: 1 };
  const strength = app.models.get(request.model)?.model.card.upscaleStrength;
  return { ...commonOf(request), ...twice, kind: 'upscale', source, strength };
}

/** The edit modal came back: the same request with what was changed. */
export async function edited(app: App, interaction: ModalSubmitInteraction, id: CustomId): Promise<void> {
  const record = await app.results.behindPress(id.job, pressOf(interaction));
  if (!record) throw new Refusal('gone');
  const field = (name: string) => interaction.fields.getTextInputValue(name).trim();
  const number = (name: string, { low, high }: { low: number; high: number }): number => {
    const value = Number(field(name).replace(',', '.'));
    if (field(name) === '' || !(value >= low && value <= high)) {
      throw new Refusal('number', { value: field(name), low, high });
    }
    return value;
  };
  const prompt = field('prompt');
  const request: PaintRequest = {
    ...record.request,
    prompt,
    negative: field('negative'),
    steps: Math.round(number('steps', STEPS)),
    scale: number('scale', SCALE),
    seed: field('seed') === '' ? randomSeed() : Math.round(number('seed', { low: 0, high: 2 ** 32 - 1 })),
  };
  // Fewer than there are was somebody's wish, for this prompt.
  const { count } = record.request;
  const wanted = isVaried(record.request) && prompt === record.request.prompt ? count : null;
  const wishes = interaction.message ? wishesOf(interaction.message) : {};
  await submit(app, interaction, request.kind === 'table' ? request : withAlternatives(request, wanted), wishes);
}

function editModal(job: string, request: PaintRequest, locale: string): ModalBuilder {
  const t = translateFor(locale);
  const input = (name: string, label: string, value: string, style = TextInputStyle.Short, required = true) =>
    new ActionRowBuilder<TextInputBuilder>().addComponents(
      new TextInputBuilder()
        .setCustomId(name)
        .setLabel(label)
        .setStyle(style)
        .setValue(cut(value, 1500))
        .setRequired(required)
        .setMaxLength(style === TextInputStyle.Paragraph ? 1500 : 20),
    );
  return new ModalBuilder()
    .setCustomId(customId('edited', 0, job))
    .setTitle(t('edit.title'))
    .addComponents(
      input('prompt', t('edit.prompt'), request.prompt, TextInputStyle.Paragraph),
      input('negative', t('edit.negative'), request.negative, TextInputStyle.Paragraph, false),
      input('steps', t('edit.steps', STEPS), String(request.steps)),
      input('scale', t('edit.scale', SCALE), String(request.scale)),
      input('seed', t('edit.seed'), String(request.seed), TextInputStyle.Short, false),
    );
}

async function cancel(
  app: App,
  interaction: MessageComponentInteraction,
  job: string,
  record: ResultRecord | null,
): Promise<void> {
  const found = app.jobs.list().find(({ id }) => id === job);
  if (!found || !record) throw new Refusal('finished');
  if (found.origin.userId !== interaction.user.id && !moderates(interaction)) {
    throw new Refusal('notYours', { user: () => userMention(found.origin.userId) });
  }
  await interaction.deferUpdate();
  if (!(await app.jobs.cancel(job))) throw new Refusal('finished');
}

async function remove(app: App, interaction: MessageComponentInteraction, record: ResultRecord | null): Promise<void> {
  const author = record?.userId ?? interaction.message.interactionMetadata?.user.id;
  if (author !== interaction.user.id && !moderates(interaction)) {
    throw new Refusal('notYours', { user: () => (author ? userMention(author) : '?') });
  }
  try {
    await interaction.deferUpdate();
    // Through the interaction: where the bot was only brought along, and for ephemeral messages, no other way works.
    await interaction.deleteReply();
  } catch (error) {
    // Pressed twice: what was wanted is done.
    if (!isGone(error)) throw error;
  }
  app.log.info({ job: record?.messageId, by: interaction.user.id }, 'a result was removed');
}

function pressOf({ user, guildId, channelId, message }: MessageComponentInteraction | ModalSubmitInteraction): Pressed {
  return { userId: user.id, guildId, channelId, messageId: message?.id };
}

function moderates({ memberPermissions }: { memberPermissions: ButtonInteraction['memberPermissions'] }): boolean {
  return memberPermissions?.has(PermissionFlagsBits.ManageMessages) ?? false;
}
