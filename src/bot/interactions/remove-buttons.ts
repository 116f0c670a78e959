import { type ButtonInteraction, PermissionFlagsBits, userMention } from 'discord.js';
import type { ProgressBoard } from '../delivery/progress-board.js';
import { ended } from '../delivery/texts.js';
import type { CustomId } from '../gateway/custom-id.js';
import { isGone } from '../gateway/discord-errors.js';
import type { Ask } from '../intake/ask.js';
import type { ModerationLog } from '../moderation/log.js';
import type { Job, JobQueue } from '../request/job.js';
import { translateFor } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import { type PressNeeds, recordBehind } from './press.js';
import { type RemoveNeeds, removeResult } from './remove-result.js';

/** Cancels a job, for its author and for moderators. */
export async function cancel(
  needs: PressNeeds & { readonly jobs: JobQueue; readonly board: ProgressBoard },
  ask: Ask<ButtonInteraction>,
  id: CustomId<'cancel'>,
): Promise<void> {
  const { interaction } = ask;
  const record = await recordBehind(needs, ask, id);
  const found = needs.jobs.list().find((job) => job.id === id.job);
  if (!found || !record) throw new Refusal('finished');
  if (found.origin.userId !== interaction.user.id && !moderates(interaction)) {
    throw new Refusal('notYours', { user: () => userMention(found.origin.userId) });
  }
  // A step may take minutes, so the answer comes before it ends. If the board has no answer to edit, this interaction
  // has.
  const told = needs.board.cancelling(id.job) ? interaction.deferUpdate() : tellHere(interaction, found);
  needs.board.expect(id.job, told);
  await told;
  if (!(await needs.jobs.cancel(id.job))) throw new Refusal('finished');
}

async function tellHere(interaction: ButtonInteraction, { request, origin }: Job): Promise<void> {
  const t = translateFor(origin.locale);
  await interaction.update({ content: ended(request, t('progress.cancelling'), t), components: [] });
}

/** Deletes the message and its record, for its author and for moderators. */
export async function remove(
  needs: PressNeeds & RemoveNeeds & { readonly moderation: ModerationLog },
  ask: Ask<ButtonInteraction>,
  id: CustomId<'delete'>,
): Promise<void> {
  const { interaction } = ask;
  const record = await recordBehind(needs, ask, id);
  const author = record?.userId ?? interaction.message.interactionMetadata?.user.id;
  if (author !== interaction.user.id && !moderates(interaction)) {
    throw new Refusal('notYours', { user: () => (author ? userMention(author) : '?') });
  }
  try {
    await interaction.deferUpdate();
    // Through the interaction: for user installations and hidden messages, there is no other way.
    const removeMessage = () => interaction.deleteReply();
    await (record ? removeResult(needs, { job: id.job, record }, removeMessage) : removeMessage());
  } catch (error) {
    // Pressed twice; it is done already.
    if (!isGone(error)) throw error;
  }
  if (record) {
    const { userId: user, channelId: channel, guildId, request } = record;
    needs.moderation.note(guildId, { kind: 'removed', user, by: interaction.user.id, channel, request });
  }
  needs.log.info({ job: record?.messageId, by: interaction.user.id }, 'a result was removed');
}

function moderates({ memberPermissions }: ButtonInteraction): boolean {
  return memberPermissions?.has(PermissionFlagsBits.ManageMessages) ?? false;
}
