import type { ButtonInteraction, ModalSubmitInteraction } from 'discord.js';
import type { CustomId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import type { Results } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import { typedNumber } from '../text/typed-number.js';
import { type Asked, draftPicture } from './drafts.js';
import type { Kind } from './kinds.js';
import { checkMayMake } from './permission.js';
import { BUTTON, type PreviewNeeds, preview } from './preview.js';
import { fromAttachment, fromResult, type Source, type SourceNeeds } from './source.js';
import { type UploadNeeds, upload } from './upload.js';

type Needs = PreviewNeeds & SourceNeeds & UploadNeeds & { readonly results: Results };

/** Handles the submitted form of "Make an emoji". */
export async function formFilled(
  needs: Needs,
  ask: Ask<ModalSubmitInteraction>,
  { draft }: CustomId<'emoji'>,
): Promise<void> {
  const { interaction } = ask;
  const asked = await needs.drafts.get(draft, 'asked');
  // The id may be forged; the draft behind it belongs to one member in one server.
  if (asked?.userId !== interaction.user.id || asked.guildId !== interaction.guildId) throw new Refusal('emojiExpired');
  const { fields } = interaction;
  const name = fields.getTextInputValue('name').trim();
  const kind = (fields.getStringSelectValues('kind')[0] ?? 'emoji') as Kind;
  const number = fields.fields.has('picture') ? typedNumber(fields.getTextInputValue('picture') || '1') : 1;
  await preview(needs, ask, { kind, name }, () => chosen(needs, asked, number));
}

async function chosen(needs: Needs, { userId, job, attachments }: Asked, number: number): Promise<Source> {
  if (job) {
    const record = await needs.results.get(job);
    // Without its record, whether the picture may be shown elsewhere is unknown.
    if (!record) throw new Refusal('emojiGone');
    return fromResult(needs, { job, record }, number, userId);
  }
  const attachment = attachments[number - 1];
  if (!attachment) throw new Refusal('emojiPicture', { count: attachments.length });
  return fromAttachment(needs, attachment, userId);
}

/** Handles a button under a preview. Permissions may have changed since. */
export async function previewPressed(needs: Needs, ask: Ask<ButtonInteraction>, id: CustomId<'emoji'>): Promise<void> {
  const { interaction, t } = ask;
  const draft = await needs.drafts.get(id.draft, 'shown');
  // Anybody else never saw the message, so the id was guessed.
  if (draft?.userId !== interaction.user.id || draft.guildId !== interaction.guildId) {
    throw new Refusal('emojiExpired');
  }
  const empty = { components: [], attachments: [], files: [] };
  if (id.button === BUTTON.cancel) {
    if (!(await needs.drafts.take(id.draft))) throw new Refusal('emojiExpired');
    await needs.pictures.remove(draftPicture(id.draft));
    await interaction.update({ ...empty, content: t('emoji.cancelled') });
    return;
  }
  checkMayMake(needs.client, ask);
  await interaction.deferUpdate();
  const png = await needs.pictures.get(draftPicture(id.draft));
  if (!png || !(await needs.drafts.take(id.draft))) throw new Refusal('emojiExpired');
  const { username, id: userId } = interaction.user;
  const written = await upload(needs, draft, png, `${username} (${userId})`).catch(async (error) => {
    // After making room, the member may press again.
    await needs.drafts.keep(id.draft, draft);
    await needs.pictures.put(png, draftPicture(id.draft));
    throw error;
  });
  await needs.pictures.remove(draftPicture(id.draft));
  await interaction.editReply({
    ...empty,
    content: t(`emoji.made.${draft.kind}`, { emoji: written, name: draft.name }),
    allowedMentions: { parse: [] },
  });
}
