import type { ButtonInteraction, ModalSubmitInteraction } from 'discord.js';
import type { App } from '../app.js';
import type { CustomId } from '../gateway/custom-id.js';
import { translateFor } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import { type Asked, draftPicture } from './drafts.js';
import type { Kind } from './kinds.js';
import { checkMayMake } from './permission.js';
import { BUTTON, preview } from './preview.js';
import { fromAttachment, fromResult, type Source } from './source.js';
import { upload } from './upload.js';

/** The form of "Make an emoji" came back. */
export async function formFilled(app: App, interaction: ModalSubmitInteraction, id: CustomId): Promise<void> {
  const asked = await app.drafts.get(id.job, 'asked');
  // Its id may be made up; what it leads to was asked for by one member in one server.
  if (asked?.userId !== interaction.user.id || asked.guildId !== interaction.guildId) throw new Refusal('emojiExpired');
  const { fields } = interaction;
  const name = fields.getTextInputValue('name').trim();
  const kind = (fields.getStringSelectValues('kind')[0] ?? 'emoji') as Kind;
  const number = fields.fields.has('picture') ? Number(fields.getTextInputValue('picture').trim() || 1) : 1;
  await preview(app, interaction, { kind, name }, () => chosen(app, asked, number));
}

async function chosen(app: App, { userId, job, attachments }: Asked, number: number): Promise<Source> {
  if (job) {
    const record = await app.results.get(job);
    // Without it nobody knows any more whether the picture may leave its place.
    if (!record) throw new Refusal('emojiGone');
    return fromResult(app, { job, record }, number, userId);
  }
  const attachment = attachments[number - 1];
  if (!attachment) throw new Refusal('emojiPicture', { count: attachments.length });
  return fromAttachment(app, attachment, userId);
}

/** A button under a preview was pressed. Who may add emojis may have changed since. */
export async function previewPressed(app: App, interaction: ButtonInteraction, id: CustomId): Promise<void> {
  const draft = await app.drafts.get(id.job, 'shown');
  // An asker who is not this one never saw the message: its id was guessed.
  if (draft?.userId !== interaction.user.id || draft.guildId !== interaction.guildId) {
    throw new Refusal('emojiExpired');
  }
  const t = translateFor(interaction.locale);
  const empty = { components: [], attachments: [], files: [] };
  if (id.index === BUTTON.cancel) {
    if (!(await app.drafts.take(id.job))) throw new Refusal('emojiExpired');
    await app.pictures.remove(draftPicture(id.job));
    await interaction.update({ ...empty, content: t('emoji.cancelled') });
    return;
  }
  checkMayMake(app, interaction);
  await interaction.deferUpdate();
  const png = await app.pictures.get(draftPicture(id.job));
  if (!png || !(await app.drafts.take(id.job))) throw new Refusal('emojiExpired');
  const { username, id: userId } = interaction.user;
  const written = await upload(app, draft, png, `${username} (${userId})`).catch(async (error) => {
    // Whoever made room may press again.
    await app.drafts.keep(id.job, draft);
    await app.pictures.put(png, draftPicture(id.job));
    throw error;
  });
  await app.pictures.remove(draftPicture(id.job));
  await interaction.editReply({
    ...empty,
    content: t(`emoji.made.${draft.kind}`, { emoji: written, name: draft.name }),
    allowedMentions: { parse: [] },
  });
}
